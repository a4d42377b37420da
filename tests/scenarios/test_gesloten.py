"""Every act on a case that is closed: what may still be told is recorded and says so, what begins something is refused.

An acknowledgement can be on its way when a case closes, and people record afterwards what they did before. Nobody goes on
with a closed case without hearing that it is one (AEF C; docs/decisions/0023).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from contracts.rechten import find_handeling
from services.runtime.unit.decision import Decision, Refused
from services.runtime.unit.fold import Done
from tests.scenarios.geschiedenis import DOOR, PLACES, VORM_OF, Geschiedenis
from tests.unit.triage.road import example

VASTGELEGD: Mapping[str, str] = {
    "ontvangst-bevestigen": "an acknowledgement of what was on its way is not lost",
    "betrokkenen-informeren": "that people were told is a fact, also where that comes last",
    "melder-informeren": "the melder is told what was done, which can be that it is over",
    "overdracht-intrekken": "what still sets out is stopped",
    "feit-corrigeren": "a moment of before is put right",
}
"""What can still be told, with why."""
ANDERS: Mapping[str, str] = {
    "feit-corrigeren": "dit feit komt van een andere partij; laat die het corrigeren",
    "dienst-afronden": "deze dienst is al afgerond",
    "casus-sluiten": "deze casus is al gesloten",
    "escalatie-oppakken": "deze escalatie is al afgehandeld",
    "escalatie-opschalen": "deze escalatie is al afgehandeld",
    "escalatie-afhandelen": "deze escalatie is al afgehandeld",
}
"""What is refused for what the closing brought about; anything else because it is closed."""


def _directe_overdracht(zaak: Geschiedenis) -> str:
    zaak.begin()
    _do(zaak, "directe-overdracht", zaak.personas[0])
    zaak.wait(timedelta(days=10))
    _do(zaak, "meningsverschil-melden", zaak.gemeente)
    return zaak.gemeente


def _dienst(zaak: Geschiedenis) -> str:
    veilig_thuis = _start_dienst(zaak)
    if zaak.afspraken.samenwerkvormen:
        _do(zaak, "samenwerking-vragen", veilig_thuis)
    return veilig_thuis


def _na_een_dienst(zaak: Geschiedenis) -> str:
    veilig_thuis = _start_dienst(zaak)
    _do(zaak, "dienst-afronden", veilig_thuis)
    zaak.wait(timedelta(days=3))
    body = {"door": DOOR, "maatregel": "jeugdbeschermingstafel"}
    assert isinstance(zaak.submit("dwangmaatregel", body, veilig_thuis, zaak.casus_id), Done)
    return zaak.gemeente


def _meldpunt(zaak: Geschiedenis) -> str:
    zaak.begin_at_meldpunt(crisis=False, uitkomst="lokale-veld")
    return zaak.personas[2]


def _start_dienst(zaak: Geschiedenis) -> str:
    veilig_thuis = zaak.personas[0]
    zaak.begin()
    zaak.submit("triagebesluit", example("triagebesluit-dienst"), veilig_thuis, zaak.casus_id)
    _do(zaak, "dienst-starten", veilig_thuis)
    return veilig_thuis


def _do(zaak: Geschiedenis, naam: str, door: str) -> None:
    over = zaak.things(find_handeling(naam))[0]
    reply = zaak.submit(VORM_OF[naam], zaak.body(naam, over, door), door, over)
    assert isinstance(reply, Done), (naam, reply)


WEGEN: Mapping[str, Callable[[Geschiedenis], str]] = {
    "directe overdracht": _directe_overdracht,
    "dienst": _dienst,
    "na een dienst": _na_een_dienst,
    "meldpunt": _meldpunt,
}
"""Roads by which a case comes to who closes it, so that every kind of thing is there by then."""
Antwoorden = list[tuple[str, Decision[Any] | Refused]]


def answers_of(weg: str, gemeente: str) -> Antwoorden:
    """What everybody hears who tries anything on this case once it is closed; it is with every service by then."""
    with closing(Geschiedenis(7, gemeente)) as zaak:
        _do(zaak, "casus-sluiten", WEGEN[weg](zaak))
        zaak.wait(timedelta(hours=1))
        return [*_try_everything(zaak)]


def _try_everything(zaak: Geschiedenis) -> Iterator[tuple[str, Decision[Any] | Refused]]:
    for naam in VORM_OF:
        for over in zaak.things(find_handeling(naam)):
            for partij in zaak.personas:
                yield naam, zaak.try_out(naam, over, partij)


@pytest.mark.parametrize("gemeente", PLACES)
@pytest.mark.parametrize("weg", WEGEN)
def test_what_is_told_of_a_closed_case_is_recorded_with_when_it_closed_or_refused(weg: str, gemeente: str) -> None:
    for naam, answer in answers_of(weg, gemeente):
        if isinstance(answer, Decision):
            assert naam in VASTGELEGD or not answer.events, f"{naam} gaat verder in een gesloten casus"
            assert "casusGeslotenOp" in (answer.answer or {}), f"{naam} zegt niet dat de casus gesloten is"
        elif answer.status == 409:
            assert naam not in VASTGELEGD or answer.code != "gesloten"
            told = [problem.message for problem in answer.problems]
            assert answer.code == "gesloten" or told == [ANDERS.get(naam)], (naam, answer)


def test_every_act_is_judged_on_a_closed_case() -> None:
    judged = {
        naam
        for weg in WEGEN
        for gemeente in PLACES
        for naam, answer in answers_of(weg, gemeente)
        if isinstance(answer, Decision) or answer.status == 409
    }
    assert judged == set(VORM_OF)
