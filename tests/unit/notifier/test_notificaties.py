"""Who is told, how often, and what happens when nobody can be reached. Over the sample register."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

import deploy
from contracts.afspraken import load_rule_book
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import CasusId
from contracts.messages.notifier import (
    Aanleiding,
    NotificatieGevraagd,
    Notificatiekanaal,
    NotificatieMislukt,
    NotificatieUrgentie,
    NotificatieVerzonden,
)
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import HUB
from contracts.register import Gezocht, Register, choose, parse_register
from services.notifier.adapters import RegisterMensen
from services.notifier.adapters.bezorging import vragen_of
from services.notifier.adapters.sjablonen import Sjablonen, nl_moment, subject_of
from services.notifier.adapters.teams import card_of
from services.notifier.domain import Casus, Schema, Zendingstatus, persoon_key
from services.notifier.handlers import MAIL, Handlers, project, reference_of
from services.runtime.access.actor import Actor
from services.runtime.outbound.bounces import Bounce, BounceKind, MailNumber
from services.runtime.unit.decision import (
    Attempt,
    Context,
    Decision,
    Incoming,
    Request,
    RequestAttempted,
    Result,
    RetryRequest,
    SetTimer,
    TimerDue,
)
from services.runtime.unit.rows import answer_of
from tests.builders.events import CASUS_ID, MOMENT

STORED = TypeAdapter(Casus)
SCHEMA = Schema(first=timedelta(seconds=30), longest=timedelta(minutes=30), persist=timedelta(hours=72))
DONE = Attempt(Result.DONE, "aangenomen")
BUSY = Attempt(Result.TEMPORARY, "SMTP 451")
GONE = Attempt(Result.PERMANENT, "SMTP 550")


def sample_text() -> str:
    """The sample register as it is written."""
    return (Path(str(deploy.__path__[0])) / "register.toml").read_text("utf-8")


@cache
def register() -> Register:
    return parse_register(sample_text(), bestand="register.toml", variabelen={"sandbox": "http://127.0.0.1:9"})


def vraag(
    *,
    partij: str = "GM0758",
    rol: str = "gemeente-ambtelijk",
    urgentie: NotificatieUrgentie = NotificatieUrgentie.GEWOON,
    aanleiding: Aanleiding = Aanleiding.ESCALATIE,
) -> NotificatieGevraagd:
    return NotificatieGevraagd(
        notificatie_id=UUID(int=1 << 64),
        regio="west-brabant",
        partij=partij,
        gemeente="GM0758",
        rol=rol,
        urgentie=urgentie,
        onderwerp="Termijn verstreken: Ontvangst van de overdracht bevestigen",
        gevraagd="Zorg met het lokale team van Breda dat dit alsnog gebeurt.",
        referentie="HV-00000001",
        wettelijk_moment=datetime.fromisoformat("2026-03-06T00:00:00+01:00"),
        bron="WB, a: “<b>na 2 werkdagen</b>”",
        link=f"/casus/{CASUS_ID}",
        aanleiding=aanleiding,
    )


class GeenZegel:
    def seal(self, value: BaseModel) -> Verzegeld[BaseModel]:
        raise AssertionError(f"nothing is sealed here, asked for {type(value)}")

    def open(self, sealed: object, model: object) -> BaseModel:
        raise AssertionError(f"nothing is opened here, asked for {model} in {type(sealed)}")


@dataclass
class Loop:
    """The handler with its state through JSON, and what it asked of the world."""

    now: datetime = MOMENT
    states: dict[CasusId, Casus] = field(default_factory=dict)
    open: dict[UUID, Request] = field(default_factory=dict)
    of_case: dict[UUID, CasusId] = field(default_factory=dict)
    retries: dict[UUID, datetime] = field(default_factory=dict)
    timers: dict[tuple[CasusId, str], datetime] = field(default_factory=dict)
    references: dict[tuple[str, str], set[CasusId]] = field(default_factory=dict)
    events: list[Gebeurtenis] = field(default_factory=list)
    handler: Handlers = field(default_factory=lambda: Handlers(RegisterMensen(register(), load_rule_book()), SCHEMA))

    @property
    def state(self) -> Casus | None:
        return self.states.get(CASUS_ID)

    def handle(self, payload: object, casus_id: CasusId = CASUS_ID) -> Decision[Casus]:
        """One message and all that cases tell each other because of it."""
        incoming = Incoming(UUID(int=7), casus_id, payload)
        context = Context(self.now, casus_id, Actor("houvast-monitoring"), GeenZegel(), lambda: UUID(int=8))
        decision = self.handler(self.states.get(casus_id), incoming, context)
        assert isinstance(decision, Decision)
        self.states[casus_id] = STORED.validate_json(STORED.dump_json(decision.state))
        assert self.states[casus_id] == decision.state
        self.events.extend(decision.events)
        self._keep(decision, casus_id)
        for forward in decision.forwards:
            self.handle(forward.payload, forward.casus_id)
        return decision

    def _keep(self, decision: Decision[Casus], casus_id: CasusId) -> None:
        for request in decision.requests:
            if isinstance(request, Request):
                assert request.id not in self.open
                self.open[request.id] = request
                self.of_case[request.id] = casus_id
            elif isinstance(request, RetryRequest):
                self.retries[request.request_id] = request.due_at
        for timer in decision.timers:
            if isinstance(timer, SetTimer):
                self.timers[casus_id, timer.name] = timer.due_at
            else:
                self.timers.pop((casus_id, timer.name), None)
        for reference in decision.references:
            self.references.setdefault((reference.kind, reference.key), set()).add(casus_id)

    def attempt(self, request_id: UUID, attempt: Attempt, number: int = 1) -> Decision[Casus]:
        asked = self.open[request_id]
        counted = Request(asked.id, asked.kind, asked.destination, asked.content, asked.due_at, number)
        return self.handle(RequestAttempted(counted, attempt), self.of_case[request_id])

    def move(self, by: timedelta) -> None:
        """Time goes on; what is due on the way is called, in its order."""
        until = self.now + by
        while due := [(at, key) for key, at in self.timers.items() if at <= until]:
            at, (casus_id, name) = min(due)
            del self.timers[casus_id, name]
            self.now = max(self.now, at)
            self.handle(TimerDue(name, at, {}), casus_id)
        self.now = until

    def bounce(self, request_id: UUID, kind: BounceKind = BounceKind.FAILED) -> None:
        """A mail server says so about a mail that left, to every case that it was about."""
        mail = MailNumber(MAIL, request_id)
        reference = reference_of(mail)
        assert reference is not None
        for casus_id in sorted(self.references[reference]):
            self.handle(Bounce(mail, kind, "5.1.1"), casus_id)

    def attempt_all(self, attempt: Attempt) -> None:
        """Everything that is open ends like this, also what is asked for meanwhile."""
        done: set[UUID] = set()
        while todo := [key for key in self.open if key not in done]:
            for key in todo:
                self.attempt(key, attempt)
                done.add(key)


def test_every_person_of_the_role_is_told_by_every_channel_they_have() -> None:
    """D12: roles resolve to people; one message per person and channel."""
    loop = Loop()
    loop.handle(vraag())
    gezocht = Gezocht("GM0758", "gemeente-ambtelijk", MOMENT, gemeente="GM0758")
    mensen = choose(register(), gezocht, load_rule_book().kalender).ontvangers
    channels = sum(len(mens.adressen) for mens in mensen)
    assert len(loop.open) == channels > 0


def test_what_is_asked_of_the_world_names_no_person_and_no_address() -> None:
    """G6: the address is looked up at the moment of sending, so that none is stored."""
    loop = Loop()
    loop.handle(vraag())
    stored = str(loop.open) + STORED.dump_json(loop.state or Casus()).decode()
    for organisatie in (register().gemeente("GM0758", on=MOMENT.date()), register().veilig_thuis("west-brabant")):
        for persoon in organisatie.personen:
            assert persoon.naam not in stored
    assert "@" not in stored


def test_asked_twice_is_told_once() -> None:
    """G2: the same notificatie is the same message."""
    loop = Loop()
    loop.handle(vraag())
    before = dict(loop.open)
    assert loop.handle(vraag()).requests == ()
    assert loop.open == before


def test_a_message_that_left_is_published_once() -> None:
    """Sent is not read; a second report of the same attempt changes nothing."""
    loop = Loop()
    loop.handle(vraag())
    first = next(iter(loop.open))
    loop.attempt(first, DONE)
    loop.attempt(first, DONE)
    (event,) = loop.events
    assert isinstance(event, NotificatieVerzonden)


def test_what_fails_for_now_is_tried_again_later_and_later_for_three_days() -> None:
    """Backoff with jitter, at most half an hour apart; then it has failed."""
    loop = Loop()
    loop.handle(vraag())
    first = next(iter(loop.open))
    waits: list[timedelta] = []
    for number in range(1, 400):
        loop.attempt(first, BUSY, number)
        if first not in loop.retries:
            break
        due = loop.retries.pop(first)
        waits.append(due - loop.now)
        loop.now = due
    assert timedelta(seconds=27) <= waits[0] <= timedelta(seconds=33)
    assert max(waits) <= timedelta(minutes=33)
    assert timedelta(hours=71) <= loop.now - MOMENT <= timedelta(hours=72)
    assert [event for event in loop.events if isinstance(event, NotificatieMislukt)]


def test_when_one_channel_is_refused_the_other_still_tells_them() -> None:
    """A 5xx is permanent for that address; it is not said that nobody was reached."""
    loop = Loop()
    loop.handle(vraag())
    refused, *others = loop.open
    loop.attempt(refused, GONE)
    (event,) = loop.events
    assert isinstance(event, NotificatieMislukt)
    assert not event.niemand_bereikt
    assert len(loop.open) == 1 + len(others)


def test_when_nobody_can_be_reached_veilig_thuis_is_told_and_then_it_is_said() -> None:
    """Once others are asked; when they cannot be reached either, the ladder is told so."""
    loop = Loop()
    loop.handle(vraag())
    loop.attempt_all(GONE)
    assert any(request.content["partij"] == "veilig-thuis-west-brabant" for request in loop.open.values())
    failed = [event.niemand_bereikt for event in loop.events if isinstance(event, NotificatieMislukt)]
    assert failed.count(True) == 1
    assert failed[-1]


def test_people_who_could_not_be_reached_are_not_asked_again_as_their_own_replacement() -> None:
    """The leidinggevende of Veilig Thuis is the last resort, also for messages to themselves."""
    loop = Loop()
    loop.handle(vraag(partij="veilig-thuis-west-brabant", rol="leidinggevende"))
    asked = len(loop.open)
    loop.attempt_all(GONE)
    assert len(loop.open) == asked
    assert [event.niemand_bereikt for event in loop.events if isinstance(event, NotificatieMislukt)].count(True) == 1


def test_a_role_that_nobody_fills_goes_to_veilig_thuis() -> None:
    """Never silently nowhere; and the beheerder hears that the register lacks somebody."""
    loop = Loop()
    loop.handle(vraag(rol="wethouder"))
    told = {str(request.content["partij"]): vragen_of(request) for request in loop.open.values()}
    assert told.keys() == {"veilig-thuis-west-brabant", HUB}
    assert [asked.rol for asked in told["veilig-thuis-west-brabant"]] == ["wethouder"]
    assert [asked.onderwerp for asked in told[HUB]] == ["Niemand in het register is wethouder bij Breda"]


def test_what_lacks_in_the_register_is_told_once_a_day_however_many_cases_meet_it() -> None:
    loop = Loop()

    def alarms() -> int:
        return sum(request.content["partij"] == HUB for request in loop.open.values())

    for number in range(1, 4):
        asked = vraag(rol="wethouder").model_copy(update={"notificatie_id": UUID(int=number)})
        loop.handle(asked, CasusId(UUID(int=2000 + number)))
    assert alarms() == 1
    loop.move(timedelta(days=1))
    loop.handle(vraag(rol="wethouder"))
    assert alarms() == 2


def test_a_hub_without_a_beheerder_raises_no_alarm_about_its_alarm() -> None:
    loop = Loop()
    loop.handle(vraag(partij=HUB, rol="wethouder"))
    assert not any(request.content["partij"] == HUB for request in loop.open.values())


def test_an_unknown_party_in_an_unknown_region_is_said_to_reach_nobody() -> None:
    """A register that lost a party does not stop the case."""
    loop = Loop()
    loop.handle(vraag(partij="onbekend").model_copy(update={"regio": "nergens", "gemeente": None}))
    (event,) = loop.events
    assert isinstance(event, NotificatieMislukt)
    assert event.niemand_bereikt
    (row,) = project(CASUS_ID, loop.state or Casus())
    assert answer_of(row.row)["status"] == "mislukt"


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from([DONE, BUSY, GONE])), max_size=12))
def test_whatever_the_attempts_no_message_is_asked_for_twice(steps: list[tuple[int, Attempt]]) -> None:
    """The idempotency key is derived, so a repetition is recognised; an ended message stays ended."""
    loop = Loop()
    loop.handle(vraag())
    for which, attempt in steps:
        keys = list(loop.open)
        loop.attempt(keys[which % len(keys)], attempt)
        loop.handle(vraag())
    sent = [event for event in loop.events if isinstance(event, NotificatieVerzonden)]
    rows = [answer_of(row.row) for row in project(CASUS_ID, loop.state or Casus())]
    assert len(sent) == sum(row["status"] == Zendingstatus.VERZONDEN.value for row in rows)
    assert len(rows) == len(loop.open)


@pytest.mark.parametrize("aanleiding", list(Aanleiding))
def test_the_words_say_what_is_asked_until_when_and_where(aanleiding: Aanleiding) -> None:
    """D12: a reference, what is asked, the legal moment, a link; in text and in HTML."""
    asked = vraag(aanleiding=aanleiding)
    tekst = Sjablonen("https://houvast.example/").render([asked])
    for body in (tekst.plain, tekst.html):
        assert asked.referentie in body
        assert asked.gevraagd in body
        assert "donderdag 5 maart 2026, einde van de dag" in body
        assert f"https://houvast.example/casus/{CASUS_ID}" in body
    assert "<b>" in tekst.plain
    assert "&lt;b&gt;" in tekst.html


def test_a_card_is_what_workflows_take() -> None:
    """STANDARDS: one attachment, Adaptive Card 1.4, Action.OpenUrl only, at most 21 kB."""
    asked = vraag(urgentie=NotificatieUrgentie.CRISIS)
    card = card_of([asked], link_of=lambda _: "https://houvast.example/casus/1", waarom=lambda _: None)
    attachments = card["attachments"]
    assert isinstance(attachments, list)
    assert len(attachments) == 1
    assert "CRISIS: Termijn verstreken" in str(card)
    assert len(str(card)) < 21_000


def test_brackets_and_stars_on_a_card_are_what_they_are() -> None:
    """What people wrote stands in runs, which Teams shows as they are; a `TextBlock` would read it as markup."""
    wild = "Team [Noord](https://elders.example) *nu* `x` 1. {{DATE(2026)}}"
    asked = vraag().model_copy(update={"onderwerp": wild, "gevraagd": wild})
    for questions in ([asked], [asked, asked]):
        card = card_of(questions, link_of=lambda _: "https://houvast.example/casus/1", waarom=lambda _: wild)
        assert "'TextBlock'" not in str(card)
        assert "Team [Noord](https://elders.example) *nu* `x` 1." in str(card)
        assert _urls_in(card) == {"https://houvast.example/casus/1"}


def _urls_in(value: object) -> set[str]:
    match value:
        case dict():
            own = {str(value["url"])} if "url" in value else set()
            return own.union(*map(_urls_in, value.values()))
        case list():
            return set().union(*map(_urls_in, value))
        case _:
            return set()


def test_moments_are_said_as_people_say_them() -> None:
    """Local time; midnight is the end of the day before, also over a clock change."""
    assert nl_moment(datetime.fromisoformat("2026-03-29T22:00:00+00:00")) == "zondag 29 maart 2026, einde van de dag"
    assert nl_moment(datetime.fromisoformat("2026-03-02T13:05:00+00:00")) == "maandag 2 maart 2026 om 14.05 uur"


def test_a_subject_is_one_line() -> None:
    """A line break in a header would be a second header."""
    asked = vraag().model_copy(update={"onderwerp": "Een\r\nBcc: iemand@elders.example\x00\x1b\u2028 [x]"})
    assert subject_of(asked) == f"Een Bcc: iemand@elders.example [x] ({asked.referentie})"


def test_a_person_key_tells_nothing_and_stays_the_same() -> None:
    """What stands for a person in what is stored."""
    assert persoon_key("GM0758", "Noor van Voorbeeld") == persoon_key("GM0758", "Noor van Voorbeeld")
    assert persoon_key("GM0758", "Noor van Voorbeeld") != persoon_key("GM0855", "Noor van Voorbeeld")
    assert Notificatiekanaal.E_MAIL.value == "e-mail"
