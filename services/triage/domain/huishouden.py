"""The radarfunctie (MB 3.1): keys by which signals about one household meet, readable by nobody."""

from collections.abc import Callable, Iterator

from contracts.messages.documenten import Adres, Betrokkene
from services.triage.domain.invoer import MeldingInvoer, MeldpuntmeldingInvoer


def huishouden_keys(invoer: MeldingInvoer | MeldpuntmeldingInvoer, blind: Callable[[str], str]) -> tuple[str, ...]:
    """A key per BSN, per name with date of birth, and per address of those involved; each once, in a fixed order."""
    texts = {text for betrokkene in invoer.betrokkenen for text in _of_betrokkene(betrokkene)}
    if invoer.adres is not None:
        texts.add(_of_adres(invoer.adres))
    return tuple(sorted(blind(text) for text in texts))


def _of_betrokkene(betrokkene: Betrokkene) -> Iterator[str]:
    if betrokkene.bsn is not None:
        yield f"bsn {betrokkene.bsn}"
    if betrokkene.geboortedatum is not None:
        yield f"persoon {betrokkene.naam} {betrokkene.geboortedatum.isoformat()}"
    if betrokkene.adres is not None:
        yield _of_adres(betrokkene.adres)


def _of_adres(adres: Adres) -> str:
    return f"adres {adres.postcode.replace(' ', '')} {adres.huisnummer.replace(' ', '')}"
