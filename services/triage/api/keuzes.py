"""What can be chosen in the forms of triage: of all that the register has, what their operation does not refuse."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from contracts.afspraken import local_date
from contracts.messages.triage import Ontvanger
from contracts.rechten import Handeling
from contracts.register import Gemeente
from services.runtime.access.tokens import Caller
from services.runtime.http.forms import Option
from services.triage.domain.invoer import OvernameInvoer
from services.triage.domain.kader import Kader
from services.triage.domain.meldpunt import Doorgezet, wrong_to_ask
from services.triage.domain.overdracht import Bestemd, check_ontvangers

Keuzes = Mapping[str, Sequence[Option]]


def begin_choices(act: Handeling, wie: Caller, kader: Kader, *, now: datetime) -> Keuzes:
    """Where something begins: the gemeenten of which this can be recorded today, and by this party."""
    found = [
        (gemeente, regio)
        for gemeente in _by_name(kader, now)
        if isinstance(regio := kader.find_regio(gemeente.code, local_date(now)), str)
    ]
    if act.naam != "meldpuntmelding-registreren":
        found = [
            (gemeente, regio) for gemeente, regio in found if not kader.is_veilig_thuis_elsewhere(wie.actor, regio)
        ]
    regios = sorted({regio for _, regio in found})
    return {
        "gemeente": [Option(gemeente.code, gemeente.naam) for gemeente, _ in found],
        "regio": [Option(regio, kader.register.veilig_thuis(regio).naam) for regio in regios],
    }


def receivers(melding: Bestemd, kader: Kader, *, now: datetime) -> Keuzes:
    """To whom this case can go: gemeenten of the agreements, their teams, and the parties of the region."""

    def takes(ontvanger: Ontvanger) -> bool:
        return not check_ontvangers([ontvanger], melding, now=now, kader=kader)

    gemeenten = [gemeente for gemeente in _by_name(kader, now) if takes(Ontvanger(gemeente=gemeente.code))]
    here = next(iter(gemeenten)).code if gemeenten else ""
    return {
        "ontvangers.gemeente": [Option(gemeente.code, gemeente.naam) for gemeente in gemeenten],
        "ontvangers.team": [
            Option(team.code, f"{gemeente.naam}: {team.naam}") for gemeente in gemeenten for team in gemeente.teams
        ],
        "ontvangers.partij": [
            Option(partij.code, partij.naam)
            for partij in kader.register.partijen()
            if takes(Ontvanger(gemeente=here, partij=partij.code))
        ],
    }


def to_ask(melding: Doorgezet, wie: Caller, kader: Kader, *, now: datetime) -> Sequence[Option]:
    """Whom the meldpunt can ask to take this over."""

    def codes() -> Iterator[str]:
        yield from (partij.code for partij in kader.register.partijen())
        yield from (gemeente.code for gemeente in _by_name(kader, now))

    return [
        Option(code, kader.register.naam(code))
        for code in codes()
        if wrong_to_ask(melding, OvernameInvoer(door=code), partij=wie.partij, now=now, kader=kader) is None
    ]


def _by_name(kader: Kader, now: datetime) -> Sequence[Gemeente]:
    return sorted(kader.register.gemeenten(local_date(now)), key=lambda gemeente: gemeente.naam)
