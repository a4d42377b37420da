"""What goes wrong in a trial of an endpoint: what it means, and who has to mend it."""

import re
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from contracts.register import RestEndpoint
from services.cli.proefstap import THEM, US
from services.handover.adapters import Answer
from services.handover.adapters.zgw.abonnement import is_about_callback
from services.handover.adapters.zgw.fouten import Fout, ZaaksysteemOnbereikbaar, ZaaksysteemWeigert
from services.runtime.outbound.network import Uitgang, describe_failure, is_our_refusal
from services.runtime.outbound.oauth import NotLoggedIn, UnusableLoginKey

_ADDRESS = f"{US} (adres in het register) of {THEM}"
_TOGETHER = f"{US} en {THEM} samen"
_OTHER_NAME = frozenset({62, 64})
_NOT_VALID_NOW = frozenset({9, 10})
_FSC_CODE = re.compile(r"[A-Z0-9_]{1,80}")
_MISMATCH = frozenset({401, 403})
_REDIRECTED = ("een doorverwijzing wordt niet gevolgd; zet het goede adres in het register", US)
_BROKEN = ("het systeem van de ontvanger geeft een fout", THEM)
_LOGIN_REFUSED = frozenset({400, 401, 403})

_STATUSSEN: Mapping[int, tuple[str, str]] = {
    404: ("op dit pad is niets", _ADDRESS),
    405: ("op dit pad wordt geen POST aangenomen", _ADDRESS),
    408: ("de ontvanger kreeg het bericht niet op tijd compleet", f"{THEM} (netwerk)"),
    409: ("de ontvanger ziet een botsing met iets van eerder, maar een proefbericht is altijd nieuw", THEM),
    410: (
        "het endpoint is opgeheven; overdrachten blijven dan staan tot `houvast gemeente resume`",
        f"{THEM}, of {US} als het adres is veranderd",
    ),
    413: ("een klein bericht is al te groot; een overdracht telt tot 64 kB", THEM),
    415: ("berichten van soort application/cloudevents+json worden niet aangenomen", THEM),
    425: ("de ontvanger wil het bericht nu nog niet verwerken", THEM),
    429: ("te veel verzoeken; verlaag het tempo in het register", US),
}

_ZAAKSTATUSSEN: Mapping[int, tuple[str, str]] = {
    401: ("klopt het geheim aan beide kanten?", f"{_TOGETHER}: client_id en geheim"),
    403: ("klopt het geheim aan beide kanten?", f"{_TOGETHER}: client_id en geheim"),
    404: ("op dit pad is niets", _ADDRESS),
    406: ("EPSG:4326 wordt niet aanvaard, en dat vraagt de standaard", THEM),
    412: ("EPSG:4326 wordt niet aanvaard, en dat vraagt de standaard", THEM),
    429: ("te veel verzoeken; verlaag het tempo in het register", US),
}


_CALLBACK: Mapping[str, tuple[str, str]] = {
    "no-auth-on-callback-url": (
        "wie zonder token aanklopt krijgt daarvandaan geen 401 of 403; antwoordt een proxy of portaal in onze plaats?",
        f"{US} (adres en proxy van de hub) of {THEM} (netwerk)",
    ),
    "invalid-callback-url": (
        "ons token wordt daarvandaan niet aangenomen; laat een proxy de kop Authorization weg, of is het een andere hub?",
        f"{US} (HOUVAST_PUBLIC_URL en proxy van de hub)",
    ),
    "kanaal_naam": ("het kanaal 'zaken' is daar nog niet geregistreerd", f"{THEM} (Notificaties API)"),
    "inconsistent-abonnement-filters": ("op zaaktype kan daar niet worden gefilterd", f"{THEM} (kanaal 'zaken')"),
}


def explain_abonnement(error: ZaaksysteemWeigert | ZaaksysteemOnbereikbaar, callback_url: str) -> tuple[str, str]:
    """Why there is no abonnement, with the likely cause, and who mends it."""
    fout = error.fout if isinstance(error, ZaaksysteemWeigert) else None
    status = "" if fout is None else f" (status {fout.status})"
    known = next((_CALLBACK[code] for code in sorted(fout.codes if fout else ()) if code in _CALLBACK), None)
    if known is not None:
        return f"{error}{status}: {known[0]} Het gaat om {callback_url}", known[1]
    if is_about_callback(error):
        host = urlsplit(callback_url).hostname
        told = (
            f"hun Notificaties API probeert dan {callback_url}, en kan daar waarschijnlijk niet bij: een firewall, de naam"
            f" {host} in hun DNS, of het certificaat van {host} dat daar niet wordt vertrouwd"
        )
        return f"{error}{status}: {told}", f"{THEM} (netwerk, DNS) of {US} (adres en certificaat van de hub)"
    if fout is not None and fout.forbids:
        return f"{error}{status}: geef ons client_id notificaties.consumeren", f"{THEM} (autorisaties)"
    return explain_zaaksysteem(error)


def explain_zaaksysteem(error: ZaaksysteemWeigert | ZaaksysteemOnbereikbaar) -> tuple[str, str]:
    """What a zaaksysteem says instead of what was asked, at which step, and who mends it."""
    if isinstance(error, ZaaksysteemOnbereikbaar):
        return str(error), THEM
    told, who = _about_fout(error.fout)
    return f"{error} (status {error.fout.status}): {told}" if told else f"{error} (status {error.fout.status})", who


def _about_fout(fout: Fout) -> tuple[str, str]:
    if fout.expired:
        return "ook een tweede; lopen de klokken gelijk?", f"{_TOGETHER}: de klok"
    if fout.forbids:
        return "", f"{THEM} (autorisaties)"
    if fout.status in _ZAAKSTATUSSEN:
        return _ZAAKSTATUSSEN[fout.status]
    if httpx.codes.is_redirect(fout.status):
        return _REDIRECTED
    if httpx.codes.is_client_error(fout.status):
        return "de vraag wordt niet aanvaard", f"{US} (zaaktype in het register) of {THEM}"
    return _BROKEN


def explain_answer(answer: Answer, endpoint: RestEndpoint) -> tuple[str, str]:
    """What an answer that is no 2xx says, and who mends it."""
    told, who = _about_status(answer, endpoint)
    return f"status {answer.status}: {told}", who


def _about_status(answer: Answer, endpoint: RestEndpoint) -> tuple[str, str]:
    status, code = answer.status, answer.headers.get("fsc-error-code")
    if code is not None:
        shown = code if _FSC_CODE.fullmatch(code) else "een fout"
        return f"de FSC-infrastructuur meldt {shown}", "de beheerder van de FSC-outway of -inway"
    if status in _STATUSSEN:
        return _STATUSSEN[status]
    if status in _MISMATCH:
        asked = "of het token wordt" if endpoint.oauth2 else "wordt"
        hint = "" if endpoint.oauth2 else ", of vraagt de ontvanger een aanmelding die niet in het register staat"
        return f"de handtekening {asked} niet aanvaard; klopt het geheim aan beide kanten{hint}?", _TOGETHER
    if httpx.codes.is_redirect(status):
        return _REDIRECTED
    if httpx.codes.is_client_error(status):
        return "het bericht wordt niet aanvaard; verwacht de ontvanger een ander formaat?", THEM
    return _BROKEN


def explain_login(error: NotLoggedIn) -> tuple[str, str]:
    """Why there is no token, and who mends it."""
    if isinstance(error, UnusableLoginKey):
        return str(error), f"{US} (sleutel in het register)"
    if error.status in _LOGIN_REFUSED:
        return str(error), f"{_TOGETHER}: client_id, sleutel of rechten"
    return f"{error}: dat is geen antwoord van een tokenserver", f"{THEM} (tokenserver)"


def explain_network(error: BaseException) -> tuple[str, str]:
    """Why something could not be reached, and who mends it."""
    return describe_failure(error), US if is_our_refusal(error) else THEM


def explain_tls(error: BaseException, uitgang: Uitgang) -> tuple[str, str]:
    """Why there is no secured connection, and who mends it."""
    told = describe_failure(error)
    match error:
        case ssl.SSLCertVerificationError():
            return told, _who_mends_certificate(error, uitgang)
        case ssl.SSLError() if error.reason == "WRONG_VERSION_NUMBER":
            return told, _ADDRESS
        case TimeoutError():
            return told, THEM
        case _ if uitgang.certificate is not None:
            return told, f"{_TOGETHER}: welk certificaat van ons wordt vertrouwd?"
        case _:
            asks = "" if "mTLS" in told else "; vraagt de ontvanger een certificaat van ons (mTLS)?"
            return told + asks, f"{US} (tls in het register), of {THEM}"


def _who_mends_certificate(error: ssl.SSLCertVerificationError, uitgang: Uitgang) -> str:
    if error.verify_code in _OTHER_NAME:
        return f"{THEM}, of {US} als het adres in het register niet klopt"
    if uitgang.ca is not None:
        return f"{THEM}, of {US} als de ca in het register is verouderd"
    if error.verify_code in _NOT_VALID_NOW:
        return THEM
    return f"{THEM}, of {US} door de ca van de ontvanger in het register te zetten"
