"""What is asked of a store, step by step; each step can be asked again and then gives the same answer."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from contracts.messages.handover import OverdrachtAfgeleverd
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.triage import MeldingOntvangen
from services.runtime.unit.decision import Attempt, Incoming, Record, Request, RequestAttempted, Result
from services.runtime.unit.fold import Done, Reply
from services.runtime.unit.intake import read_record
from services.runtime.unit.store import Heard
from tests.builders import build
from tests.contract.store.huizen import House, Picture
from tests.contract.store.werkplaats import KIND, Doe
from tests.fakes.desk import record

CASES = tuple(CasusId(derived_id("casus", name)) for name in ("een", "twee", "drie"))
PLACES = ("GM0758", "GM0855")

Act = Callable[[House], Coroutine[Any, Any, list[Any]]]


@dataclass(frozen=True, slots=True)
class Step:
    """`act` gives something that can be compared."""

    name: str
    act: Act


def told(*messages: Incoming) -> Step:
    """These, in one batch."""

    async def act(house: House) -> list[Any]:
        return [_plain(reply) for reply in await house.unit_of_work.run(list(messages))]

    return Step("told " + ", ".join(type(message.payload).__name__ for message in messages), act)


def asked(name: str, casus_id: CasusId, what: Doe, *, fingerprint: str = "x") -> Incoming:
    """A command; the same name is the same message."""
    return Incoming(derived_id("doe", name), casus_id, what, fingerprint=fingerprint)


def heard(raw: Record) -> Incoming:
    """An event off Kafka."""
    return read_record(raw)


def melding(number: int, casus_id: CasusId, *, offset: int = 0) -> Incoming:
    event = build(MeldingOntvangen, melding_id=UUID(int=number))
    return heard(record(event, casus_id, number, offset=offset))


def levering(number: int, casus_id: CasusId) -> Incoming:
    event = build(OverdrachtAfgeleverd, overdracht_id=UUID(int=number))
    return heard(record(event, casus_id, number + 500, service="handover"))


def attempted(request_id: UUID, casus_id: CasusId, number: int, *, done: bool) -> Step:
    """The report of an attempt."""
    request = Request(request_id, KIND, PLACES[0], {}, build(OverdrachtAfgeleverd).afgeleverd_op, attempts=number)
    attempt = Attempt(Result.DONE, "gelukt", 202) if done else Attempt(Result.TEMPORARY, "weg")
    key = derived_id("poging", str(request_id), str(number))
    return told(Incoming(key, casus_id, RequestAttempted(request, attempt)))


def timers(*, hours: float) -> Step:
    """Time passes, and what is due fires. That time has passed is not undone by a fault."""
    moved: list[House] = []

    async def act(house: House) -> list[Any]:
        if house not in moved:
            moved.append(house)
            house.klok.move(timedelta(hours=hours))
        return [await house.unit_of_work.run_due(100)]

    return Step("timers", act)


def timers_heard(*, hours: float, still: bool) -> Step:
    """What may come where everything up to so many hours ago was heard; it is taken and nothing is done with it."""

    async def act(house: House) -> list[Any]:
        now = house.klok.now()
        heard = Heard(now - timedelta(hours=hours), stands_still=still)
        async with house.store.begin() as transaction:
            due = await house.store.due_cases(now, 100, heard)
            cases = await transaction.load(due, skip_locked=True)
            taken = await transaction.take_due(list(cases), now, heard)
        return [sorted(due), *sorted((casus_id, item.name, item.due_at, str(item.data)) for casus_id, item in taken)]

    return Step("timers heard", act)


def released(key: UUID, *, drop: bool = False) -> Step:
    """A dead letter is handled again, or left aside for good."""

    async def act(house: House) -> list[Any]:
        reply = await house.unit_of_work.release(key, drop_because="van de proef" if drop else None)
        return [None if reply is None else _plain(reply)]

    return Step("dropped" if drop else "released", act)


def _plain(reply: Reply) -> Any:
    """Whether it was told before does not count: whoever asks again hears the same."""
    return replace(reply, replayed=False) if isinstance(reply, Done) else reply


# every way in which a step writes

A, B, C = CASES
EVERYTHING: Sequence[Step] = (
    told(
        asked(
            "een",
            A,
            Doe(
                "een",
                events=2,
                timers=(("kort", 1), ("lang", 50)),
                requests=((1, PLACES[0]), (2, PLACES[0]), (3, PLACES[1])),
            ),
        ),
        asked("twee", B, Doe("twee", events=1, timers=(("kort", 2),))),
        asked("nee", C, Doe(refuse=True)),
    ),
    told(asked("een", A, Doe("een")), asked("een", A, Doe("een"), fingerprint="anders"), asked("drie", B, Doe())),
    told(melding(1, A), melding(2, B), melding(1, A), levering(3, C)),
    told(asked("stop", A, Doe(stop_timers=("lang",), stop_requests=(2,), timers=(("kort", 3),)))),
    told(asked("vertel", A, Doe("vertel", events=1, tell=(B, C)))),
    attempted(derived_id("werk", "1"), A, 1, done=False),
    attempted(derived_id("werk", "1"), A, 2, done=True),
    timers(hours=2.5),
    timers(hours=1),
    told(melding(13, B), melding(4, B), levering(4, B), melding(5, A)),
    told(melding(3, C)),
    released(melding(13, B).key),
    released(melding(13, B).key, drop=True),
    timers(hours=100),
)


def at_random(seed: int, length: int) -> Callable[[int, Picture], Step]:
    """The steps of a seed, chosen by what is kept when they are taken."""
    random = Random(seed)

    def choose(number: int, now: Picture) -> Step:
        waiting = [row for row in now["opdrachten"] if row[-1] == "open"]
        letters = [row for row in now["terzijde"] if row[2] == "dode-brief"]
        match random.randrange(8):
            case 0 if waiting:
                row = random.choice(waiting)
                tried = sum(key[0] == row[0] for key in now["pogingen"])
                return attempted(row[0], row[1], tried + 1, done=random.random() < 0.6)
            case 1 if letters:
                return released(random.choice(letters)[0], drop=random.random() < 0.5)
            case 2:
                return timers_heard(hours=random.choice((0, 1, 12)), still=random.random() < 0.5)
            case 3:
                return timers(hours=random.choice((0.5, 1.5, 24)))
            case 4 | 5:
                return told(*(_event(random) for _ in range(random.randint(1, 4))))
            case _:
                return told(*(_command(random, number, length) for _ in range(random.randint(1, 3))))

    return choose


def _event(random: Random) -> Incoming:
    number, casus_id = random.choice((*range(1, 9), 13)), random.choice(CASES)
    return random.choice((melding, levering))(number, casus_id)


def _command(random: Random, number: int, length: int) -> Incoming:
    name = f"{random.choice((number, random.randrange(length)))}"
    what = Doe(
        random.choice(("", f"notitie {name}")),
        events=random.randrange(3),
        timers=tuple((timer, random.choice((0.1, 1, 30))) for timer in random.sample(("kort", "lang", "ander"), 2)),
        stop_timers=("lang",) * random.randrange(2),
        requests=tuple((random.randrange(12), random.choice(PLACES)) for _ in range(random.randrange(3))),
        stop_requests=(random.randrange(12),) * random.randrange(2),
        hurry=(random.randrange(12),) * random.randrange(2),
        tell=tuple(random.sample(CASES, random.choice((0, 0, 0, 1)))),
        refuse=random.random() < 0.1,
    )
    return asked(name, random.choice(CASES), what, fingerprint=random.choice(("x", "x", "x", "y")))
