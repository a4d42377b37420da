"""How a field of `register.toml` is written: codes, web addresses, references to secrets; shared by all its tables."""

import re
from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from contracts.messages.adressen import E_MAILADRES, GEHEIMVERWIJZING
from contracts.messages.identifiers import passes_bsn_check
from contracts.messages.tekens import is_readable

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
"""The only hosts that may be reached without TLS: this machine."""

_OIN = re.compile(r"0000000[1-9]\d{12}|00000099\d{12}")
_BREAKS = frozenset("\t\n\r\u2028\u2029")


def _check_oin(value: str) -> str:
    if not _OIN.fullmatch(value):
        raise ValueError("is geen OIN: 20 cijfers, beginnend met bijvoorbeeld 00000001, 00000003 of 00000099 (test)")
    return value


def _check_rsin(value: str) -> str:
    if not passes_bsn_check(value):
        raise ValueError("is geen RSIN: negen cijfers die aan de elfproef voldoen")
    return value


def _check_one_line(value: str) -> str:
    """Names go into mails, cards and letters, where a line break would begin something else."""
    if not is_readable(value) or _BREAKS & set(value):
        raise ValueError("mag geen regeleinde, tab of ander stuurteken bevatten")
    return value


def _check_url(value: str) -> str:
    if not value.isprintable() or " " in value:
        raise ValueError("mag geen spatie, regeleinde of ander stuurteken bevatten")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is geen webadres") from None
    if not host or parts.scheme not in {"https", "http"}:
        raise ValueError("is geen webadres; verwacht https://…")
    if parts.scheme == "http" and host not in LOCAL_HOSTS:
        raise ValueError("moet met https:// beginnen (http alleen naar 127.0.0.1)")
    if parts.username is not None or parts.password is not None:
        raise ValueError("mag geen gebruikersnaam of wachtwoord bevatten")
    if parts.query or parts.fragment:
        raise ValueError("mag geen vraagteken of # bevatten")
    return value


Tekst = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_check_one_line)
]
Dag = Annotated[date, Field(strict=True)]
Vlag = Annotated[bool, Field(strict=True)]
Geheimverwijzing = Annotated[str, AfterValidator(GEHEIMVERWIJZING.check)]
"""Where a secret is (`env:NAME`, `file:PATH`, `sandbox:NAME`), never what it is."""
OinVeld = Annotated[str, AfterValidator(_check_oin)]
Rsin = Annotated[str, AfterValidator(_check_rsin)]
EMailadres = Annotated[str, AfterValidator(E_MAILADRES.check)]
Webadres = Annotated[str, AfterValidator(_check_url)]
Teamcode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
KortePartijcode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,60}$")]
_ELDERS = re.compile(r"([a-z][a-z0-9-]{1,60}|GM\d{4}):\s*(.+)")


def split_naam(naam: str) -> tuple[str | None, str]:
    """The code of the party and the name of `partijcode:naam`; no code where it is somebody of the own organisation."""
    found = _ELDERS.fullmatch(naam)
    return (None, naam) if found is None else (found[1], found[2])


class Strikt(BaseModel):
    """Frozen, and a field that does not exist is an error: a typo in who is who must not pass."""

    model_config = ConfigDict(extra="forbid", frozen=True)
