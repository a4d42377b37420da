"""When people are told: what is not urgent in work time, what would be over by then at once, a crisis day and night (D12)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import AMSTERDAM, load_rule_book
from contracts.messages.notifier import Aanleiding, IntrekkingGevraagd, Intrekkingsreden, NotificatieUrgentie
from contracts.register import Register, parse_register
from contracts.register.werktijd import STANDAARD
from services.notifier.adapters import RegisterMensen
from services.notifier.adapters.bezorging import vragen_of
from services.notifier.domain import leaves_from, persoon_key
from services.notifier.domain.postvak import LEESRUIMTE
from services.notifier.handlers import Handlers
from tests.unit.notifier.test_bundelen import case
from tests.unit.notifier.test_notificaties import DONE, SCHEMA, Loop, register, sample_text, vraag

KALENDER = load_rule_book().kalender
GEWOON, SPOED, CRISIS = NotificatieUrgentie
BREDA = "GM0758"


def at(text: str) -> datetime:
    """A moment of 2026 as the clock on the wall says it: `03-02 09:00`."""
    local = datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}").replace(tzinfo=AMSTERDAM)
    return local.astimezone(UTC)


def asked_at(
    moment: str, *, urgentie: NotificatieUrgentie = GEWOON, until: str | None = None, known: Register | None = None
) -> Loop:
    """A message for the gemeente, asked at this moment."""
    loop = Loop(now=at(moment))
    if known is not None:
        loop.handler = Handlers(RegisterMensen(known, load_rule_book()), SCHEMA)
    asked = vraag(urgentie=urgentie, aanleiding=Aanleiding.TERMIJN_NADERT)
    loop.handle(asked.model_copy(update={"wettelijk_moment": None if until is None else at(until)}))
    return loop


def leaves_at(loop: Loop) -> datetime:
    """When the first message leaves, by the timers that are set."""
    while not loop.open:
        due, (casus_id, name) = min((due, key) for key, due in loop.timers.items())
        loop.move(due - loop.now)
        assert (casus_id, name) not in loop.timers or loop.open
    return loop.now


@pytest.mark.parametrize(
    ("asked", "leaves"),
    [
        ("03-02 09:00", "03-02 09:00"),
        ("03-02 07:59", "03-02 08:00"),
        ("03-02 17:59", "03-02 17:59"),
        ("03-02 18:00", "03-03 08:00"),
        ("03-06 18:00", "03-09 08:00"),
        ("03-07 02:49", "03-09 08:00"),
        ("03-28 23:00", "03-30 08:00"),
        ("04-02 18:30", "04-07 08:00"),
        ("04-27 10:00", "04-28 08:00"),
        ("10-24 23:00", "10-26 08:00"),
    ],
)
def test_what_is_not_urgent_leaves_in_work_time(asked: str, leaves: str) -> None:
    """Weekends, Goede Vrijdag to tweede paasdag, Koningsdag and both clock changes."""
    assert leaves_at(asked_at(asked)) == at(leaves)


@pytest.mark.parametrize("urgentie", [SPOED, CRISIS])
def test_what_is_urgent_leaves_at_once_day_and_night(urgentie: NotificatieUrgentie) -> None:
    loop = asked_at("03-07 02:49", urgentie=urgentie)
    assert loop.open
    assert {request.due_at for request in loop.open.values()} == {at("03-07 02:49")}


@pytest.mark.parametrize(
    ("until", "leaves"),
    [
        ("03-09 00:00", "03-06 20:00"),
        ("03-09 08:30", "03-06 20:00"),
        ("03-09 09:00", "03-09 08:00"),
        ("03-10 00:00", "03-09 08:00"),
        ("03-05 00:00", None),
    ],
)
def test_a_warning_is_readable_before_its_term_ends(until: str, leaves: str | None) -> None:
    """The term never moves: what would be over by the next morning is told now. A warning after its term says nothing."""
    loop = asked_at("03-06 20:00", until=until)
    if leaves is None:
        assert not loop.timers
        assert not loop.open
    else:
        assert leaves_at(loop) == at(leaves)


def test_what_is_urgent_takes_nothing_along_that_waits_for_the_morning() -> None:
    """In one mailbox; in the morning what waited leaves together."""
    loop = Loop(now=at("03-07 02:00"))
    for number in range(3):
        urgentie = SPOED if number == 1 else GEWOON
        asked = vraag(urgentie=urgentie).model_copy(
            update={"notificatie_id": UUID(int=number), "wettelijk_moment": None}
        )
        loop.handle(asked, case(number))
    (night, *_) = loop.open.values()
    assert all([one.urgentie for one in vragen_of(request)] == [SPOED] for request in loop.open.values())
    loop.attempt(night.id, DONE)
    loop.move(timedelta(minutes=30))
    assert all([one.urgentie for one in vragen_of(request)] == [SPOED] for request in loop.open.values())
    before = set(loop.open)
    loop.move(at("03-09 08:00") - loop.now)
    morning = [request for key, request in loop.open.items() if key not in before]
    assert morning
    assert all([one.urgentie for one in vragen_of(request)] == [GEWOON, GEWOON] for request in morning)


def test_what_is_settled_before_it_leaves_does_not_leave() -> None:
    loop = asked_at("03-07 02:49")
    told = IntrekkingGevraagd(
        notificatie_id=vraag().notificatie_id, waarom=Intrekkingsreden.ACHTERHAALD, uitleg="Het is gedaan."
    )
    loop.handle(told)
    loop.move(timedelta(days=7))
    assert not loop.open


def with_werktijd(place: str, said: str) -> Register:
    """The sample register with the work time of the gemeente, the role or the person for whom the message is."""
    text = sample_text()
    start = text.index('naam = "Breda"\n')
    role = text.index('rol = "gemeente-ambtelijk"', start)
    name = text[text.index('personen = ["', role) + len('personen = ["') :].split('"')[0]
    where = {"gemeente": start, "rol": role, "persoon": text.index(f'naam = "{name}"', start)}[place]
    changed = f"{text[:where]}werktijd = {{ {said} }}\n{text[where:]}"
    return parse_register(changed, bestand="register.toml", variabelen={"sandbox": "http://127.0.0.1:9"})


@pytest.mark.parametrize("place", ["gemeente", "rol", "persoon"])
def test_an_organisation_a_role_or_a_person_may_work_at_other_times(place: str) -> None:
    known = with_werktijd(place, 'van = 13:00:00, tot = 21:00:00, dagen = ["zaterdag", "feestdag"]')
    assert leaves_at(asked_at("03-06 20:00", known=known)) == at("03-07 13:00")
    assert leaves_at(asked_at("04-03 20:59", known=known)) == at("04-03 20:59"), "Goede Vrijdag"


def test_who_is_told_is_who_is_there_when_it_is_read() -> None:
    """Asked on Saturday, read on Monday: by whom replaces somebody who is away from Monday on."""
    loop = Loop(now=at("03-07 12:00"))
    asked = vraag(partij="veilig-thuis-west-brabant", rol="gedragswetenschapper")
    loop.handle(asked.model_copy(update={"wettelijk_moment": None}))
    loop.move(at("03-09 08:00") - loop.now)
    replaced = persoon_key("veilig-thuis-west-brabant", "Mirjam Uijtdewilligen")
    assert {request.content["persoon"] for request in loop.open.values()} == {replaced}


MINUTES = st.integers(0, 60 * 24 * 730)


@given(minutes=MINUTES, urgentie=st.sampled_from(NotificatieUrgentie), until=st.none() | st.integers(1, 60 * 24 * 14))
def test_at_whatever_moment_it_leaves_in_work_time_or_because_it_could_not_wait(
    minutes: int, urgentie: NotificatieUrgentie, until: int | None
) -> None:
    """Two years with their holidays and clock changes; checked against the wall clock, not against what decides."""
    now = at("01-01 00:00") + timedelta(minutes=minutes)
    moment = None if until is None else now + timedelta(minutes=until)
    asked = vraag(urgentie=urgentie).model_copy(update={"wettelijk_moment": moment})
    leaves = leaves_from(asked, now=now, reads_from=STANDAARD.next_from(now, KALENDER))
    local = leaves.astimezone(AMSTERDAM)
    at_work = 8 <= local.hour < 18 and KALENDER.is_werkdag(local.date())
    assert leaves >= now
    assert leaves == now or at_work
    if urgentie is not GEWOON:
        assert leaves == now
    if moment is not None:
        assert leaves <= max(now, moment - LEESRUIMTE), "there is time to read it"
    if leaves == now and not at_work:
        assert urgentie is not GEWOON or moment is not None
    assert leaves - now <= timedelta(days=5, hours=2), "no run of days off is longer"


@given(minutes=MINUTES)
def test_whoever_the_register_names_reads_within_days(minutes: int) -> None:
    now = at("01-01 00:00") + timedelta(minutes=minutes)
    mensen = RegisterMensen(register(), load_rule_book())
    asked = vraag(urgentie=GEWOON).model_copy(update={"wettelijk_moment": None})
    for mens in mensen.who(asked, at=now):
        reads = mensen.reads_from(asked, mens.partij, mens.persoon, at=now)
        assert now <= reads <= now + timedelta(days=5, hours=2)
