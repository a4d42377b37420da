"""What can happen after that: escalaties, monitoring, coercion, closure, corrections; and time itself."""

from typing import Any
from uuid import UUID

from contracts.messages.topics import Service
from tests.scenarios.gegevens import PROFESSIONAL, voorbeeld
from tests.scenarios.handelen import GEBEURT, act, escalatie_of, moment_of, overdracht_of, partij
from tests.scenarios.momenten import read_moment
from tests.scenarios.vertelling import KloptNiet, Regel, Verteller
from tests.scenarios.wereld import Rij


@GEBEURT.zin(
    "<wie:Veilig Thuis|het lokale team> meldt een verschil van inzicht[ over <wat:de overdracht>]",
    "<wie> meldt een verschil van inzicht[ over <wat:de overdracht>]",
)
async def disagree(verteller: Verteller, regel: Regel) -> None:
    body = voorbeeld("meningsverschil")
    if "wat" in regel.gaten:
        body["overdrachtId"] = str((await overdracht_of(verteller, regel))["id"])
    door = partij(verteller, regel.gaten["wie"])
    await act(verteller, regel, "meningsverschil", body, over=verteller.zaak(regel).casus_id, door=door)


@GEBEURT.zin(
    "<wie:het lokale team|de ketenpartner> meldt een wachtlijst",
    "<wie:het lokale team|de ketenpartner> meldt dat de casus niet opgepakt kan worden",
    "<wie:Veilig Thuis|het lokale team|de ketenpartner|het meldpunt> bevestigt zicht op veiligheid",
    "<wie:Veilig Thuis|het lokale team|de ketenpartner> legt een <stap:contact|stap> in de crisis vast",
    velden="verwacht zonder_toelichting",
)
async def report_stand(verteller: Verteller, regel: Regel) -> None:
    """Where a party stands; `verwacht` is until when a waiting list is expected."""
    verwacht = regel.velden.get("verwacht")
    said = {} if regel.velden.get("zonder_toelichting") else {"toelichting": "De crisisdienst gaat vanavond langs."}
    body: dict[str, Any] = {
        "door": PROFESSIONAL,
        "stand": _stand_of(regel),
        **said,
        **({} if verwacht is None else {"verwachtOp": read_moment(str(verwacht)).isoformat()}),
    }
    door = partij(verteller, regel.gaten["wie"])
    await act(verteller, regel, "stand", body, over=verteller.zaak(regel).casus_id, door=door)


def _stand_of(regel: Regel) -> str:
    if "stap" in regel.gaten:
        return f"crisis{regel.gaten['stap']}"
    words = {"wachtlijst": "wachtlijst", "opgepakt kan worden": "niet-op-te-pakken"}
    return next((stand for word, stand in words.items() if word in regel.wat), "zicht-bevestigd")


@GEBEURT.zin("<wie:Veilig Thuis|het lokale team|de gemeente> pakt de escalatie op", velden="over")
async def take_escalatie(verteller: Verteller, regel: Regel) -> None:
    over = UUID(str((await escalatie_of(verteller, regel, regel.velden.get("over")))["id"]))
    await act(
        verteller,
        regel,
        "oppakking",
        voorbeeld("oppakking"),
        over=over,
        door=partij(verteller, regel.gaten["wie"]),
    )


@GEBEURT.zin("<wie:Veilig Thuis|het lokale team|de gemeente> schaalt de escalatie op", velden="over")
async def climb_escalatie(verteller: Verteller, regel: Regel) -> None:
    over = UUID(str((await escalatie_of(verteller, regel, regel.velden.get("over")))["id"]))
    body = {"door": PROFESSIONAL, "toelichting": "Wij worden het niet eens."}
    await act(verteller, regel, "opschaling", body, over=over, door=partij(verteller, regel.gaten["wie"]))


@GEBEURT.zin(
    "<wie:Veilig Thuis|het lokale team|de gemeente> handelt de escalatie af: <resultaat>",
    velden="over",
)
async def close_escalatie(verteller: Verteller, regel: Regel) -> None:
    over = UUID(str((await escalatie_of(verteller, regel, regel.velden.get("over")))["id"]))
    body = voorbeeld("afhandeling", resultaat=regel.gaten["resultaat"].replace(" ", "-"))
    await act(verteller, regel, "afhandeling", body, over=over, door=partij(verteller, regel.gaten["wie"]))


@GEBEURT.zin(
    "<wie:Veilig Thuis|het lokale team> houdt een <wijze:fysiek|telefonisch|digitaal> monitormoment",
    velden="kinderen stabiel toelichting stoppen volgende",
)
async def hold_moment(verteller: Verteller, regel: Regel) -> None:
    """The first moment that is open. `stoppen`: who agrees that monitoring stops with it; `volgende` plans the next."""
    waiting = await _open_moments(verteller, regel)
    body = voorbeeld(
        "monitoruitkomst",
        wijze=regel.gaten["wijze"],
        kinderen=regel.velden.get("kinderen", "gesproken").replace(" ", "-"),
        stabielEnVeilig=regel.velden.get("stabiel", True),
        gehoudenOp=regel.moment.isoformat(),
        toelichting=regel.velden.get("toelichting"),
        stoppen=_instemming(regel.velden["stoppen"]) if "stoppen" in regel.velden else None,
        volgendeOp=moment_of(regel, "volgende") if "volgende" in regel.velden else None,
    )
    over = UUID(str(waiting[0]["id"]))
    await act(verteller, regel, "uitkomst", body, over=over, door=partij(verteller, regel.gaten["wie"]))


@GEBEURT.zin("<wie:Veilig Thuis|het lokale team> plant het monitormoment in", velden="voor")
async def plan_moment_in(verteller: Verteller, regel: Regel) -> None:
    """The first moment that is open, for the day `voor`."""
    over = UUID(str((await _open_moments(verteller, regel))[0]["id"]))
    body = {"door": PROFESSIONAL, "ingeplandVoor": moment_of(regel, "voor")}
    await act(verteller, regel, "inplanning", body, over=over, door=partij(verteller, regel.gaten["wie"]))


@GEBEURT.zin("Veilig Thuis plant een extra monitormoment", velden="uiterlijk reden")
async def plan_moment(verteller: Verteller, regel: Regel) -> None:
    """To be held before the day `uiterlijk` ends; `reden` where there is no monitoring yet (FS)."""
    body = {"door": PROFESSIONAL, "geplandOp": moment_of(regel, "uiterlijk"), "reden": regel.velden.get("reden")}
    await act(verteller, regel, "monitormoment", body, over=verteller.zaak(regel).casus_id)


@GEBEURT.zin("<wie:Veilig Thuis|het lokale team> zet stagnatiestap <stap:[0-9]>")
async def take_step(verteller: Verteller, regel: Regel) -> None:
    body = {"door": PROFESSIONAL, "stap": int(regel.gaten["stap"])}
    door = partij(verteller, regel.gaten["wie"])
    await act(verteller, regel, "stagnatiestap", body, over=verteller.zaak(regel).casus_id, door=door)


_DWANG = {
    "brengt de casus in bij de jeugdbeschermingstafel": "jeugdbeschermingstafel",
    "doet een verzoek tot onderzoek": "verzoek-tot-onderzoek",
    "meldt een tijdelijk huisverbod": "huisverbod",
}


@GEBEURT.zin(*(f"<wie:Veilig Thuis|het lokale team> <wat:{wat}>" for wat in _DWANG))
async def coerce(verteller: Verteller, regel: Regel) -> None:
    body = {"door": PROFESSIONAL, "maatregel": _DWANG[regel.gaten["wat"]]}
    door = partij(verteller, regel.gaten["wie"])
    await act(verteller, regel, "dwangmaatregel", body, over=verteller.zaak(regel).casus_id, door=door)


@GEBEURT.zin(
    "<wie> vraagt <partij> de zorg om de veiligheid over te nemen",
    "<wie:Veilig Thuis|het lokale team> meldt dat <partij> heeft aanvaard, volgens <functie>",
    "<wie> neemt de zorg om de veiligheid over",
    velden="gebeurd_op",
)
async def accept(verteller: Verteller, regel: Regel) -> None:
    """An offer, a proof of who there accepted (at `gebeurd_op` where that is earlier), or the act of the party itself."""
    partij_of_case = partij(verteller, regel.gat("partij") or regel.gaten["wie"])
    body = {"door": PROFESSIONAL, "partij": partij_of_case}
    if "functie" in regel.gaten:
        op = moment_of(regel, "gebeurd_op") or regel.moment.isoformat()
        body["bewijs"] = {"functie": regel.gaten["functie"], "op": op}
    door = partij(verteller, regel.gaten["wie"])
    await act(verteller, regel, "aanvaarding", body, over=verteller.zaak(regel).casus_id, door=door)


@GEBEURT.zin("<wie:Veilig Thuis|het lokale team> sluit de casus: <reden>", "<wie> sluit de casus: <reden>")
async def close_casus(verteller: Verteller, regel: Regel) -> None:
    body = {"door": PROFESSIONAL, "reden": regel.gaten["reden"].replace(" ", "-")}
    door = partij(verteller, regel.gaten["wie"])
    await act(verteller, regel, "afsluiting", body, over=verteller.zaak(regel).casus_id, door=door)


@GEBEURT.zin("<wie:Veilig Thuis|het lokale team> corrigeert het moment van <feit>", velden="naar")
async def correct(verteller: Verteller, regel: Regel) -> None:
    """`<feit>` as the agreements call it: `overdracht-opgepakt`; `naar` is when it really happened."""
    body = {
        "door": PROFESSIONAL,
        "feit": regel.gaten["feit"],
        "op": moment_of(regel, "naar"),
        "toelichting": "De datum was verkeerd overgenomen.",
    }
    door = partij(verteller, regel.gaten["wie"])
    await act(verteller, regel, "correctie", body, over=verteller.zaak(regel).casus_id, door=door)


@GEBEURT.zin("<wie:Veilig Thuis|het lokale team> verstuurt het structurele signaal")
async def send_signaal(verteller: Verteller, regel: Regel) -> None:
    """The one that `er staat een structureel signaal klaar` gave a name."""
    zaak, door = verteller.zaak(regel), partij(verteller, regel.gaten["wie"])
    await act(verteller, regel, "verzending", {"door": PROFESSIONAL}, over=zaak.casus_id, door=door)


@GEBEURT.zin("de gemeente beantwoordt het structurele signaal: <maatregel>")
async def answer_signaal(verteller: Verteller, regel: Regel) -> None:
    """In the case that `er is een structureel signaal` gave a name."""
    body = {"door": PROFESSIONAL, "maatregel": regel.gaten["maatregel"].replace(" ", "-")}
    zaak = verteller.zaak(regel)
    await act(verteller, regel, "antwoord", body, over=zaak.casus_id, door=zaak.gemeente)


@GEBEURT.zin("niemand doet iets")
async def nothing(verteller: Verteller, regel: Regel) -> None:
    """Time passed until the moment of this line."""
    del verteller, regel


@GEBEURT.zin("alle berichten van de casus komen nog een keer aan")
async def publish_again(verteller: Verteller, regel: Regel) -> None:
    """As after `houvast herstel`; how many events there were is remembered for `er is niets nieuws gebeurd`."""
    casus_id = verteller.zaak(regel).casus_id
    verteller.geteld = len({repr(event) for event in await verteller.wereld.events(casus_id)})
    await verteller.wereld.publish_again(casus_id)


@GEBEURT.zin("de termijnbewaking <hoe:ligt stil|draait weer>")
async def stop_or_start(verteller: Verteller, regel: Regel) -> None:
    """The service monitoring is down: its events wait, its timers do not fire."""
    if regel.gaten["hoe"] == "ligt stil":
        await verteller.wereld.stop(Service.MONITORING)
    else:
        await verteller.wereld.start(Service.MONITORING)


async def _open_moments(verteller: Verteller, regel: Regel) -> list[Rij]:
    rows = await verteller.rows(Service.MONITORING, "monitormoment", regel)
    waiting = sorted((row for row in rows if row["gehouden_op"] is None), key=lambda row: str(row["gepland_op"]))
    if not waiting:
        raise KloptNiet("er is geen monitormoment gepland")
    return waiting


def _instemming(names: list[str]) -> dict[str, bool]:
    """Who agrees that monitoring stops (MB 5)."""
    asked = {"betrokkenen": "betrokkenen", "lokaalTeam": "het lokale team", "veiligThuis": "Veilig Thuis"}
    if unknown := set(names) - set(asked.values()):
        raise KloptNiet(f"instemming geeft {', '.join(asked.values())}; niet {', '.join(sorted(unknown))}")
    return {field: name in names for field, name in asked.items()}
