"""Cases that go their own way: what anybody may do is done by chance, by the four services in memory."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from contracts.afspraken import Afspraken, Rol, local_date
from contracts.messages.identifiers import CasusId, derived_id
from contracts.messages.topics import Service
from contracts.rechten import HANDELINGEN, HUB, Handeling, find_handeling
from services.monitoring.adapters import RegisterPartijen
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.correcties import is_own
from services.monitoring.domain.mogelijkheden import Blik
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.domain.wie import wie_of
from services.runtime.access.actor import Actor
from services.runtime.access.sealing import SealerBatch
from services.runtime.access.tokens import BEHEERDER
from services.runtime.in_memory import MemoryWorld
from services.runtime.in_memory.world import MASTER
from services.runtime.unit.decision import Attempt, Context, Decision, Incoming, Refused, Result
from services.runtime.unit.fold import Done
from tests.scenarios.geheugen import definitions, rule_book, sample_register
from tests.scenarios.vormen import VORMEN
from tests.unit.triage.road import START, TAKEN, example

PLACES = {"GM0758": "west-brabant", "GM0855": "midden-brabant"}
_VORM = {
    "melding": {
        "feiten-toevoegen": "feiten",
        "triagebesluit-nemen": "triagebesluit",
        "directe-overdracht": "triagebesluit",
        "melder-informeren": "melderinformering",
    },
    "casus": {
        "dienst-starten": "dienst",
        "samenwerking-vragen": "samenwerking",
        "monitormoment-toevoegen": "monitormoment",
        "stagnatiestap-vastleggen": "stagnatiestap",
        "dwangmaatregel-vastleggen": "dwangmaatregel",
        "zorg-aanvaarden": "aanvaarding",
        "meningsverschil-melden": "meningsverschil",
        "feit-corrigeren": "correctie",
        "casus-sluiten": "afsluiting",
        **dict.fromkeys((one.naam for one in HANDELINGEN if "stand" in one.vast), "stand"),
    },
    "dienst": {"dienst-afronden": "afronding", "overdrachtsgesprek-vastleggen": "overdrachtsgesprek"},
    "meldpuntmelding": {"meldpuntmelding-overnemen": "overname"},
    "overdracht": {
        "ontvangst-bevestigen": "ontvangstbevestiging",
        "casus-oppakken": "verdeling",
        "overdracht-weigeren": "weigering",
        "casus-teruggeven": "terugkoppeling",
        "betrokkenen-informeren": "informering",
        "plan-vastleggen": "plan",
        "overdracht-opnieuw-aanbieden": "aflevering",
        "overdracht-intrekken": "intrekking",
    },
    "samenwerking": {
        "geen-capaciteit-melden": "capaciteitssignaal",
        "samenwerking-verdelen": "vbs-verdeling",
        "eerste-contact-vastleggen": "eerste-contact",
        "contact-vastleggen": "contact",
    },
    "escalatie": {
        "escalatie-oppakken": "oppakking",
        "escalatie-opschalen": "opschaling",
        "escalatie-afhandelen": "afhandeling",
    },
    "monitormoment": {"monitormoment-vastleggen": "uitkomst", "monitormoment-inplannen": "inplanning"},
}
VORM_OF = {naam: vorm for acts in _VORM.values() for naam, vorm in acts.items()}
"""The acts on the page of a case, by the form that a story has for them."""
DOOR = {"naam": "Robin Zandbak", "functie": "medewerker"}


@dataclass
class Geschiedenis:
    """One case in a world of its own; `now` moves, people act, and what follows has happened when they did."""

    seed: int
    gemeente: str
    works: bool = True
    casus_id: CasusId = field(init=False)
    world: MemoryWorld = field(init=False)
    random: Random = field(init=False)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _known: dict[Service, Any] = field(default_factory=dict[Service, Any])
    """The states as they are until something happens: reading one takes longer than asking it something."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.casus_id = CasusId(derived_id("geschiedenis", str(self.seed), self.gemeente))
        kinds = {kind for definition in definitions() for kind in definition.performers}
        self.world = MemoryWorld(definitions(), start=START, performers=dict.fromkeys(kinds, self._perform))

    async def _perform(self, *_: object) -> Attempt:
        return TAKEN if self.works else Attempt(Result.TEMPORARY, "onbereikbaar", 503)

    def close(self) -> None:
        self.loop.close()

    @property
    def now(self) -> datetime:
        return self.world.klok.now()

    @property
    def regio(self) -> str:
        return PLACES[self.gemeente]

    @property
    def personas(self) -> tuple[str, ...]:
        """A party of each kind, and two that have nothing to do with the case."""
        other, elders = next((code, regio) for code, regio in PLACES.items() if code != self.gemeente)
        here = (f"veilig-thuis-{self.regio}", self.gemeente, f"meldpunt-{self.regio}")
        return (
            *here,
            f"ggz-crisisdienst-{self.regio}",
            f"raad-{self.regio}",
            other,
            f"veilig-thuis-{elders}",
            "houvast",
        )

    def begin(self, *, urgentie: str = "regulier") -> None:
        body = example("melding", gemeente=self.gemeente, urgentie=urgentie, kenmerk=str(self.seed))
        self.submit("melding", body, f"veilig-thuis-{self.regio}", self.casus_id)

    def begin_at_meldpunt(self, *, crisis: bool, uitkomst: str) -> None:
        body = example("meldpuntmelding", gemeente=self.gemeente, crisis=crisis, kenmerk=str(self.seed))
        body |= {"vermoedenHgkm": uitkomst == "veilig-thuis", "uitkomst": uitkomst}
        self.submit("meldpuntmelding", body, f"meldpunt-{self.regio}", self.casus_id)

    def submit(self, vorm: str, body: dict[str, Any], door: str, over: UUID) -> Done | Refused:
        command = VORMEN[vorm].command(over, body)
        self._known.clear()
        incoming = Incoming(self.world.new_id(), self.casus_id, command, Actor(door), fingerprint="x")
        reply = self.loop.run_until_complete(self.world.submit(VORMEN[vorm].service, incoming))
        assert isinstance(reply, Done | Refused)
        return reply

    def wait(self, by: timedelta) -> None:
        self._known.clear()
        self.loop.run_until_complete(self.world.move(by))

    def state(self, service: Service) -> Any:
        if service not in self._known:
            self._known[service] = self.world.state(service, self.casus_id)
        return self._known[service]

    @property
    def toezicht(self) -> Toezicht:
        found = self.state(Service.MONITORING)
        assert isinstance(found, Toezicht)
        return found

    @property
    def afspraken(self) -> Afspraken:
        op = self.toezicht.peilmoment
        assert op is not None
        return rule_book().for_case(regio=self.regio, gemeente=self.gemeente, on=local_date(op))

    def look(self, partij: str, rollen: frozenset[Rol] | None = None) -> Blik:
        partijen = RegisterPartijen(sample_register())
        wie = wie_of(partij, self.toezicht, partijen, on=local_date(self.now), rollen=rollen)
        return Blik(Casus(self.casus_id, self.toezicht, partijen), self.afspraken, wie, self.now)

    def things(self, one: Handeling) -> list[UUID]:
        """Everything of this case that the act can be tried on."""
        triage, toezicht = self.state(Service.TRIAGE), self.toezicht
        at_meldpunt = None if triage is None else triage.meldpuntmelding
        found: dict[str | None, list[UUID]] = {
            "melding": [] if toezicht.melding_id is None else [toezicht.melding_id],
            "meldpuntmelding": [] if at_meldpunt is None else [at_meldpunt.id],
            "dienst": [] if triage is None else [item.id for item in triage.diensten],
            "overdracht": [*toezicht.overdrachten],
            "samenwerking": [*toezicht.samenwerkingen],
            "escalatie": [*toezicht.escalaties],
            "monitormoment": [*toezicht.momenten],
        }
        return found.get(one.onderwerp, [self.casus_id])

    def try_out(
        self, naam: str, over: UUID, door: str, rollen: frozenset[Rol] | None = None
    ) -> Decision[Any] | Refused:
        """What the service that takes this act would answer; nothing happens."""
        vorm = VORMEN[VORM_OF[naam]]
        definition = self.world.services[vorm.service].definition
        state = self.state(vorm.service)
        command = vorm.command(over, self.body(naam, over, door))
        incoming = Incoming(UUID(int=7), self.casus_id, command, self.actor(door, rollen), fingerprint="x")
        sealer = SealerBatch(MASTER, {key: value for key, value in self.world.keys.items() if value}).for_case(
            self.casus_id
        )
        context = Context(self.now, self.casus_id, self.actor(door, rollen), sealer, lambda: UUID(int=8))
        outcome = definition.handle(state, incoming, context)
        assert isinstance(outcome, Decision | Refused), (naam, outcome)
        return outcome

    def actor(self, partij: str, rollen: frozenset[Rol] | None = None) -> Actor:
        """A system of this party, or one of its people in these roles; whoever runs the hub has its role there."""
        persoon = None if rollen is None else DOOR["naam"]
        return Actor(partij, BEHEERDER if partij == HUB else None, persoon, rollen)

    def body(self, naam: str, over: UUID, door: str) -> dict[str, Any]:
        """What somebody who knows what is asked would fill in."""
        made = _BODIES.get(naam)
        body = example(_EXAMPLE.get(naam, VORM_OF[naam])) if made is None else made(self, over, door)
        return body | dict(find_handeling(naam).vast)


_EXAMPLE = {"monitormoment-vastleggen": "monitoruitkomst", "escalatie-opschalen": "oppakking"}
Made = Callable[[Geschiedenis, UUID, str], dict[str, Any]]


def _later(geschiedenis: Geschiedenis, days: int) -> str:
    return (geschiedenis.now + timedelta(days=days)).isoformat()


def _direct(geschiedenis: Geschiedenis, _: UUID, __: str) -> dict[str, Any]:
    return example("triagebesluit", ontvangers=[{"gemeente": geschiedenis.gemeente}])


def _dienst(geschiedenis: Geschiedenis, _: UUID, __: str) -> dict[str, Any]:
    triage = geschiedenis.state(Service.TRIAGE)
    last = None if triage is None else triage.last_besluit
    onderzoek = last is not None and last.besluit.value == "dienst-onderzoek"
    return example("dienst", dienstsoort="onderzoek" if onderzoek else "voorwaarden-vervolg")


def _afronding(geschiedenis: Geschiedenis, _: UUID, __: str) -> dict[str, Any]:
    gesprek = {"uitkomst": "gepland", "op": _later(geschiedenis, 5)}
    body = example("afronding" if geschiedenis.regio == "west-brabant" else "afronding-tilburg")
    return body | {"ontvangers": [{"gemeente": geschiedenis.gemeente}], "overdrachtsgesprek": gesprek}


def _overname(geschiedenis: Geschiedenis, _: UUID, door: str) -> dict[str, Any]:
    asked = "gemeente" if geschiedenis.state(Service.TRIAGE).melding is None else "veilig-thuis"
    to = geschiedenis.gemeente if asked == "gemeente" else f"veilig-thuis-{geschiedenis.regio}"
    return {"door": to} if door.startswith("meldpunt") else {"door": door}


def _informering(geschiedenis: Geschiedenis, over: UUID, door: str) -> dict[str, Any]:
    state = geschiedenis.state(Service.HANDOVER)
    item = None if state is None else state.overdracht(over)
    known = item is not None and any(said.door == door for said in item.informeringen)
    return {"medewerker": DOOR, "wijze": "telefoon", "correctie": known}


def _melder(geschiedenis: Geschiedenis, _: UUID, __: str) -> dict[str, Any]:
    triage = geschiedenis.state(Service.TRIAGE)
    known = triage is not None and triage.melding is not None and triage.melding.melder_geinformeerd is not None
    return {"medewerker": DOOR, "wijze": "telefoon", "correctie": known}


def _plan(*_: object) -> dict[str, Any]:
    return {"medewerker": DOOR, "plannen": ["veiligheidsplan"]}


def _samenwerking(geschiedenis: Geschiedenis, _: UUID, __: str) -> dict[str, Any]:
    return example("samenwerking", gemeente=geschiedenis.gemeente, team=None)


def _wachtlijst(geschiedenis: Geschiedenis, _: UUID, __: str) -> dict[str, Any]:
    return {"door": DOOR, "verwachtOp": _later(geschiedenis, 10)}


def _stand(*_: object) -> dict[str, Any]:
    return {"door": DOOR}


def _extra(geschiedenis: Geschiedenis, _: UUID, __: str) -> dict[str, Any]:
    return example("monitormoment", geplandOp=_later(geschiedenis, 30))


def _uitkomst(geschiedenis: Geschiedenis, _: UUID, __: str) -> dict[str, Any]:
    return example("monitoruitkomst", volgendeOp=_later(geschiedenis, 60))


def _inplanning(geschiedenis: Geschiedenis, _: UUID, __: str) -> dict[str, Any]:
    return {"door": DOOR, "ingeplandVoor": (geschiedenis.now + timedelta(minutes=1)).isoformat()}


def _stap(geschiedenis: Geschiedenis, _: UUID, __: str) -> dict[str, Any]:
    return example("stagnatiestap", stap=min(len(geschiedenis.toezicht.stagnatie) + 1, 4))


def _aanvaarding(geschiedenis: Geschiedenis, _: UUID, door: str) -> dict[str, Any]:
    """Whoever was asked accepts; anybody else names a party that was not."""
    asked = any(item.is_gevraagd and item.ontvanger == door for item in geschiedenis.toezicht.overdrachten.values())
    other = "ggz-crisisdienst" if geschiedenis.toezicht.gemeente else "safegroup"
    return {"door": DOOR, "partij": door if asked else f"{other}-{geschiedenis.regio}"}


def _correctie(geschiedenis: Geschiedenis, _: UUID, door: str) -> dict[str, Any]:
    """A second off a moment that is one's own where there is one."""
    feiten = [feit for feit in geschiedenis.toezicht.feiten if feit.volgens is None and feit.onderwerp_id is not None]
    begin = geschiedenis.toezicht.peilmoment
    own = sorted(feiten, key=lambda feit: (not is_own(feit, frozenset({door})), feit.op == begin))
    feit = next(iter(own), geschiedenis.toezicht.feiten[0])
    op = feit.op - timedelta(seconds=1)
    about = None if feit.onderwerp_id is None else str(feit.onderwerp_id)
    at = op if begin is None or op >= begin else feit.op + timedelta(seconds=1)
    return {
        "door": DOOR,
        "feit": feit.anker.value,
        "onderwerpId": about,
        "op": at.isoformat(),
        "toelichting": "Typefout.",
    }


_BODIES: dict[str, Made] = {
    "triagebesluit-nemen": _direct,
    "directe-overdracht": _direct,
    "dienst-starten": _dienst,
    "dienst-afronden": _afronding,
    "meldpuntmelding-overnemen": _overname,
    "overdrachtsgesprek-vastleggen": lambda *_: {"door": DOOR, "uitkomst": "niet-haalbaar", "reden": "Ziek."},
    "melder-informeren": _melder,
    "betrokkenen-informeren": _informering,
    "plan-vastleggen": _plan,
    "samenwerking-vragen": _samenwerking,
    "wachtlijst-melden": _wachtlijst,
    **dict.fromkeys(
        ("zicht-bevestigen", "niet-op-te-pakken-melden", "crisiscontact-vastleggen", "crisisstap-vastleggen"), _stand
    ),
    "monitormoment-toevoegen": _extra,
    "monitormoment-vastleggen": _uitkomst,
    "monitormoment-inplannen": _inplanning,
    "stagnatiestap-vastleggen": _stap,
    "zorg-aanvaarden": _aanvaarding,
    "feit-corrigeren": _correctie,
}
BESLUITEN: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"besluit": "dienst-voorwaarden-vervolg"},
    {"besluit": "dienst-onderzoek"},
    {"besluit": "overleg"},
    {"besluit": "acute-crisis"},
    {"besluit": "geen-vervolg"},
)


def begin_any(geschiedenis: Geschiedenis) -> None:
    """A melding or something that the meldpunt took in."""
    random = geschiedenis.random
    match random.randrange(5):
        case 0:
            geschiedenis.begin(urgentie="crisis")
        case 1:
            geschiedenis.begin_at_meldpunt(crisis=random.random() < 0.5, uitkomst="veilig-thuis")
        case 2:
            geschiedenis.begin_at_meldpunt(crisis=random.random() < 0.5, uitkomst="lokale-veld")
        case _:
            geschiedenis.begin()


BEGINNINGS: dict[str, tuple[str, ...]] = {
    "zomaar": (),
    "overdracht": ("directe-overdracht",),
    "dienst": ("dienst", "dienst-starten"),
    "monitoring": ("dienst", "dienst-starten", "samenwerking-vragen", "dienst-afronden"),
}
"""What Veilig Thuis does at first; from there on it is chance."""


def live(geschiedenis: Geschiedenis, steps: int, *, begin: str = "zomaar") -> Iterator[None]:
    """Each step somebody does something that is possible, or time passes; the endpoint may stop working."""
    random = geschiedenis.random
    if begin == "zomaar":
        begin_any(geschiedenis)
    else:
        geschiedenis.begin()
    for naam in BEGINNINGS[begin]:
        _do_first(geschiedenis, naam)
    yield
    for _ in range(steps):
        if random.random() < 0.35:
            hours = random.choice((1, 30, 30, 100, 24 * 20, 24 * 95))
            geschiedenis.works = hours > 30 or random.random() < 0.7  # nobody waits for months on what never comes
            geschiedenis.wait(timedelta(hours=hours))
        else:
            _act(geschiedenis, random)
        yield


def _do_first(geschiedenis: Geschiedenis, naam: str) -> None:
    veilig_thuis = geschiedenis.personas[0]
    if naam == "dienst":
        body = example("triagebesluit-dienst")
        geschiedenis.submit("triagebesluit", body, veilig_thuis, geschiedenis.casus_id)
        return
    for over in geschiedenis.things(find_handeling(naam))[:1]:
        geschiedenis.submit(VORM_OF[naam], geschiedenis.body(naam, over, veilig_thuis), veilig_thuis, over)


def _act(geschiedenis: Geschiedenis, random: Random) -> None:
    """One of the acts that would succeed, by chance; those that end a case seldom."""
    for _ in range(40):
        one = find_handeling(random.choice(sorted(VORM_OF)))
        door, things = random.choice(geschiedenis.personas[:4]), geschiedenis.things(one)
        rare = one.naam in {"casus-sluiten", "overdracht-intrekken", "overdracht-weigeren"} and random.random() < 0.6
        if not things or rare:
            continue
        over = random.choice(things)
        body = geschiedenis.body(one.naam, over, door)
        if one.naam == "triagebesluit-nemen":
            body |= random.choice(BESLUITEN)
            if body["besluit"] != "directe-overdracht":
                body = {key: item for key, item in body.items() if key not in {"ontvangers", "overdrachtsdocument"}}
                body |= {"redenAfwijking": "Zo besloten."}
        if isinstance(geschiedenis.submit(VORM_OF[one.naam], body, door, over), Done):
            return
