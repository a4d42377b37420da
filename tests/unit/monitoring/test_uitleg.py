"""The hub and `houvast afspraken explain` say the same of every case, whatever happened and however late it was heard.

A history is two years long, so an ordinary run tries a slice of them; `pytest
--hypothesis-profile=ruim tests/unit/monitoring/test_uitleg.py` tries a hundred for each test.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from uuid import UUID

from hypothesis import example, given
from hypothesis import strategies as st

from contracts.afspraken import Afspraken, Anker, Termijnstatus, load_rule_book, packaged_bronnen
from contracts.afspraken.feiten import Informant, Meldersoort
from contracts.afspraken.mededelingen import find_mededelingen
from contracts.afspraken.oproepen import follow_ladder
from contracts.afspraken.toepassing import (
    Termijn,
    find_bewegingen,
    follow_termijnen,
    follow_zicht,
    termijn_id,
)
from contracts.messages.documenten import Aanvaardingsbewijs
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.handover import (
    Betrokkenenbrief,
    BetrokkenenGeinformeerd,
    OverdrachtGeweigerd,
    OverdrachtOpgepakt,
    Overdrachtsoort,
    PlanOpgesteld,
    Plansoort,
    VbsUrgentie,
)
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import Drager, EscalatieGestart, EscalatieOpgeschaald
from contracts.messages.notifier import Aanleiding, NotificatieGevraagd
from services.cli.afspraken.casus import Voorbeeldcasus, parse_casus
from services.monitoring.domain.feiten import add_feit
from services.monitoring.domain.sluiten import is_overtaken
from services.monitoring.domain.toestand import Feit, Toezicht
from services.monitoring.domain.zicht import timeline
from services.monitoring.handlers import Handlers
from services.monitoring.handlers.casussen import follow_heropening
from services.monitoring.handlers.kader import Kader
from services.runtime.access.actor import Actor
from services.runtime.unit.decision import Context, Decision, Incoming, Outcome, SetTimer, TimerDue, TooEarly
from tests.builders.events import CASUS_ID
from tests.examples import examples
from tests.unit.monitoring.casusloop import PartijenVoorTest, Zegel
from tests.unit.monitoring.verhalen import DIENST, MELDING, MELDPUNT, ONTVANGEN, OVERDRACHT, SAMENWERKING, Verhaal

TWEEDE = UUID("00000000-0000-7000-8000-00000000000d")
DINGEN = {
    MELDING: derived_id("melding", ""),
    OVERDRACHT: derived_id("overdracht", ""),
    TWEEDE: derived_id("overdracht", "tweede"),
    DIENST: derived_id("dienst", ""),
    SAMENWERKING: derived_id("samenwerking", ""),
    MELDPUNT: derived_id("meldpuntmelding", ""),
}
"""What the hub calls a thing, and what the case that somebody wrote down calls it."""
LATER = timedelta(days=700)
VANGNET = "national/vangnet.toml"
BRONNEN = packaged_bronnen()
SELDOM = BRONNEN[VANGNET].replace('elke = "4 uur"', 'elke = "9 weken"').replace('elke = "7 dagen"', 'elke = "63 dagen"')
BOOK = load_rule_book(BRONNEN | {VANGNET: SELDOM})
"""The agreements as they are, but that in two years what nobody looks at calls ten times, not hundreds or thousands."""
REGIOS = {
    "west-brabant": ("GM0758", BOOK.for_case(regio="west-brabant", gemeente="GM0758", on=ONTVANGEN.date())),
    "midden-brabant": ("GM0855", BOOK.for_case(regio="midden-brabant", gemeente="GM0855", on=ONTVANGEN.date())),
}
ABOUT_OVERDRACHT = [anker for anker in Anker if anker.soort == "overdracht" and "betrokkenen-g" not in anker]
ABOUT_CASE = [anker for anker in Anker if anker.soort == "casus"]
MOMENTEN = ["monitormoment-3-maanden", "monitormoment-12-maanden"]
ABOUT_OTHERS = [
    Anker.TRIAGEBESLUIT_GENOMEN,
    Anker.DIENST_GESTART,
    Anker.DIENST_AFGEROND,
    Anker.WARME_OVERDRACHT_GEHOUDEN,
    Anker.VBS_GEVRAAGD,
    Anker.VBS_VERDEELD,
    Anker.VBS_EERSTE_CONTACT,
    Anker.VBS_CONTACT_GELEGD,
    Anker.MELDPUNTMELDING_ONTVANGEN,
    Anker.MELDPUNTMELDING_OVERGENOMEN,
]


SAID_BY_EITHER = [
    *ABOUT_CASE,
    Anker.WACHTLIJST_GEMELD,
    Anker.NIET_OP_TE_PAKKEN,
    Anker.VEILIGHEIDSPLAN_OPGESTELD,
    Anker.BRIEF_ZONDER_CONTACT_GESTUURD,
]
"""What the team or Veilig Thuis can do, so that the case that somebody wrote down has to say whose act it is."""
SAID_BY_TEAM = [Anker.VBS_VERDEELD, Anker.VBS_EERSTE_CONTACT, Anker.VBS_CONTACT_GELEGD]


@dataclass(frozen=True)
class Stap:
    """Something that happened, and how long after that the hub heard of it."""

    wat: Anker
    op: datetime
    te_laat: timedelta
    door: str | None = None
    over: str | None = None
    volgens: str | None = None

    @property
    def tweede(self) -> bool:
        """Whether it is about a second overdracht."""
        return self.over == "tweede"


def besluit_that_says_whom_to_tell(verhaal: Verhaal, op: datetime) -> Gebeurtenis:
    said = {"informeert": Informant.VEILIG_THUIS, "melder": Meldersoort.EXTERN}
    return verhaal.besluit(op).model_copy(update=said)


def letter(over: UUID, door: str, op: datetime) -> Gebeurtenis:
    return BetrokkenenGeinformeerd(
        overdracht_id=over,
        geinformeerd_op=op,
        wijze="brief",
        brief=Betrokkenenbrief.ZONDER_CONTACT,
        geinformeerd_door=door,
    )


def plan(over: UUID, door: str, op: datetime) -> Gebeurtenis:
    return PlanOpgesteld(
        overdracht_id=over,
        plannen=(Plansoort.VEILIGHEIDSPLAN,),
        besproken_met_betrokkenen=True,
        opgesteld_op=op,
        opgesteld_door=door,
    )


@dataclass(frozen=True)
class Geschiedenis:
    """A case: its region, its circumstances, and what happened in it."""

    regio: str
    soort: Overdrachtsoort
    partij: str | None
    aanbieder: str | None
    vbs: VbsUrgentie
    acuut: bool
    vermoeden: bool
    stappen: tuple[Stap, ...]

    @property
    def gemeente(self) -> str:
        return REGIOS[self.regio][0]

    @property
    def afspraken(self) -> Afspraken:
        return REGIOS[self.regio][1]

    def code(self, door: str) -> str:
        """What the hub calls this party; one that is no bearer by itself is called the same in both."""
        if door not in set(Drager):
            return door
        return self.gemeente if door == "lokaal-team" else f"{door}-{self.regio}"

    @property
    def betwist(self) -> set[str | None]:
        """The overdrachten of which others said that they were accepted, and the receiver that they were not."""
        said = {stap.over for stap in self.stappen if stap.volgens}
        own = {stap.over for stap in self.stappen if stap.wat is Anker.OVERDRACHT_OPGEPAKT and not stap.volgens}
        return said - own

    def to_toml(self) -> str:
        """The case as somebody writes it down for `explain`."""
        wijze = "overgedragen" if self.aanbieder is None else "aangeboden"
        ontvanger = "lokaal-team" if self.partij is None else "ketenpartner"
        urgentie = "acuut" if self.acuut else "niet-acuut"
        vermoeden = "hgkm" if self.vermoeden else "geen"
        at_meldpunt = any(stap.wat is Anker.MELDPUNTMELDING_ONTVANGEN for stap in self.stappen)
        return "\n".join(
            (
                f'regio = "{self.regio}"\ngemeente = "{self.gemeente}"\nmelding = {ONTVANGEN.isoformat()}',
                f'[omstandigheden]\nsoort_overdracht = "{self.soort}"\nontvanger = "{ontvanger}"',
                f'besluit = "directe-overdracht"\noverdrachtswijze = "{wijze}"',
                f'aanbieder = "{self.aanbieder or "veilig-thuis"}"',
                f'vbs_urgentie = "{self.vbs}"',
                *([f'meldpunt_urgentie = "{urgentie}"\nmeldpunt_vermoeden = "{vermoeden}"'] if at_meldpunt else []),
                *(
                    f'[[gebeurtenis]]\nwat = "{stap.wat}"\nop = {stap.op.isoformat()}'
                    + (f'\ndoor = "{stap.door}"' if stap.door else "")
                    + (f'\nover = "{stap.over}"' if stap.over else "")
                    + (f'\nvolgens = "{stap.volgens}"' if stap.volgens else "")
                    for stap in self.stappen
                ),
            )
        )

    def to_bericht(self, stap: Stap) -> Gebeurtenis | Feit:
        """The step as the hub hears of it; what is known from commands alone as the fact that they leave."""
        verhaal = Verhaal(regio=self.regio, gemeente=self.gemeente, partij=self.partij)
        over = TWEEDE if stap.tweede else OVERDRACHT
        door = self.code(stap.door or "")
        events: dict[Anker, Callable[[datetime], Gebeurtenis]] = {
            Anker.TRIAGEBESLUIT_GENOMEN: partial(besluit_that_says_whom_to_tell, verhaal),
            Anker.OVERDRACHT_AANGEMAAKT: partial(verhaal.aangemaakt, overdracht_id=over, soort=self.soort),
            Anker.OVERDRACHT_AFGELEVERD: partial(verhaal.afgeleverd, overdracht_id=over, soort=self.soort),
            Anker.AFLEVERING_GESTAGNEERD: partial(verhaal.gestagneerd, overdracht_id=over, soort=self.soort),
            Anker.ONTVANGST_BEVESTIGD: partial(verhaal.bevestigd, overdracht_id=over),
            Anker.OVERDRACHT_OPGEPAKT: partial(verhaal.opgepakt, overdracht_id=over),
            Anker.OVERDRACHT_TERUGGEKOPPELD: partial(verhaal.teruggekoppeld, overdracht_id=over),
            Anker.OVERDRACHT_GEWEIGERD: partial(verhaal.geweigerd, overdracht_id=over),
            Anker.OVERDRACHT_INGETROKKEN: partial(verhaal.ingetrokken, overdracht_id=over),
            Anker.BRIEF_ZONDER_CONTACT_GESTUURD: partial(letter, over, door),
            Anker.VEILIGHEIDSPLAN_OPGESTELD: partial(plan, over, door),
            Anker.DIENST_GESTART: verhaal.dienst,
            Anker.DIENST_AFGEROND: verhaal.dienst_klaar,
            Anker.WARME_OVERDRACHT_GEHOUDEN: verhaal.warm,
            Anker.VBS_GEVRAAGD: partial(verhaal.vbs, urgentie=self.vbs),
            Anker.VBS_VERDEELD: verhaal.vbs_verdeeld,
            Anker.VBS_EERSTE_CONTACT: verhaal.vbs_eerste_contact,
            Anker.VBS_CONTACT_GELEGD: verhaal.vbs_contact,
            Anker.MELDPUNTMELDING_ONTVANGEN: partial(verhaal.bij_meldpunt, crisis=self.acuut, vermoeden=self.vermoeden),
            Anker.MELDPUNTMELDING_OVERGENOMEN: verhaal.overgenomen,
        }
        if stap.wat in events:
            return self._offered(events[stap.wat](stap.op), stap)
        if stap.wat is Anker.MONITORMOMENT_GEHOUDEN:
            return Feit(stap.wat, stap.op, "functie", termijn_id(CASUS_ID, stap.over or "", OVERDRACHT))
        about = {"overdracht": over, "melding": MELDING}.get(stap.wat.soort)
        return Feit(stap.wat, stap.op, f"functie ({door})" if stap.door in set(Drager) else door, about)

    def _offered(self, event: Gebeurtenis, stap: Stap) -> Gebeurtenis:
        """The same as an offer, where this is one, with who says that it was accepted, or that it was not."""
        if self.aanbieder is None or stap.wat.soort != "overdracht" or not hasattr(event, "aangeboden_door"):
            return event
        said: dict[str, object] = {"aangeboden_door": self.code(self.aanbieder)}
        if isinstance(event, OverdrachtOpgepakt) and stap.volgens:
            said["bewijs"] = Aanvaardingsbewijs(functie="hoofd", op=stap.op)
        if isinstance(event, OverdrachtGeweigerd):
            said["betwist"] = stap.over in self.betwist
        return event.model_copy(update=said)


class Hub:
    """The case in the real handler of monitoring, with its timers; the last rung of a ladder is called again only once."""

    def __init__(self, geschiedenis: Geschiedenis) -> None:
        self.now = ONTVANGEN
        self.toezicht: Toezicht | None = None
        self.timers: dict[str, datetime] = {}
        self.geroepen: list[tuple[str, UUID, datetime, str]] = []
        self.verteld: list[tuple[str, datetime, str]] = []
        self.verteld_onder: list[UUID] = []
        self._handler = Handlers(BOOK, PartijenVoorTest())
        self._kader = Kader(BOOK, PartijenVoorTest())
        self._waiting: list[Gebeurtenis | Feit] = []
        bij_meldpunt = [stap for stap in geschiedenis.stappen if stap.wat is Anker.MELDPUNTMELDING_ONTVANGEN]
        for stap in bij_meldpunt:  # the melding comes of it, in the same act
            self._hear(geschiedenis.to_bericht(stap))
        self._hear(Verhaal(regio=geschiedenis.regio, gemeente=geschiedenis.gemeente).melding())
        others = (stap for stap in geschiedenis.stappen if stap not in bij_meldpunt)
        for stap in sorted(others, key=lambda stap: stap.op + stap.te_laat):
            self._move_to(stap.op + stap.te_laat)
            self._hear(geschiedenis.to_bericht(stap))
        self._move_to(self.now + LATER)

    @property
    def known(self) -> Toezicht:
        assert self.toezicht is not None
        return self.toezicht

    def _hear(self, bericht: Gebeurtenis | Feit) -> None:
        self._waiting = [early for early in (*self._waiting, bericht) if isinstance(self._handle(early), TooEarly)]

    def _move_to(self, moment: datetime) -> None:
        while due := [(at, name) for name, at in self.timers.items() if at <= moment]:
            at, name = min(due)
            self.now = max(self.now, at)
            self._handle(TimerDue(name, self.timers.pop(name), {}))
        self.now = max(self.now, moment)

    def _handle(self, payload: object) -> Outcome[Toezicht]:
        context = Context(self.now, CASUS_ID, Actor("houvast-triage"), Zegel(), lambda: CASUS_ID)
        incoming = Incoming(CASUS_ID, CASUS_ID, payload, context.actor)
        outcome = (
            self._note(payload, context)
            if isinstance(payload, Feit)
            else self._handler(self.toezicht, incoming, context)
        )
        if isinstance(outcome, Decision):
            self.toezicht = outcome.state
            on_top = {f"trede:{item.id}" for item in outcome.state.escalaties.values() if item.herhaald}
            for timer in outcome.timers:
                self.timers.pop(timer.name, None)
                if isinstance(timer, SetTimer) and timer.name not in on_top:
                    self.timers[timer.name] = timer.due_at
            self.verteld += [
                (line.rule_id or "", self.now, str(line.facts["rol"]))
                for line in outcome.journal
                if line.what == "bericht aan mensen gevraagd"
            ]
            for event in outcome.events:
                if isinstance(event, EscalatieGestart | EscalatieOpgeschaald) and event.termijn_id is not None:
                    op = event.gestart_op if isinstance(event, EscalatieGestart) else event.opgeschaald_op
                    self.geroepen.append((event.regel_id, DINGEN[event.onderwerp_id], op, event.rol))
                elif isinstance(event, NotificatieGevraagd) and event.aanleiding is Aanleiding.OVERIG:
                    self.verteld_onder.append(event.notificatie_id)
        return outcome

    def _note(self, feit: Feit, context: Context) -> Outcome[Toezicht]:
        """What a command does with a fact, once it was found to be allowed."""
        before = self.toezicht or Toezicht()
        verloop = self._kader.verloop(add_feit(before, feit), context)
        if isinstance(verloop, TooEarly):
            return verloop
        if feit.anker is Anker.CASUS_GESLOTEN and is_overtaken(verloop.casus, feit.op):
            return Decision(before)  # nobody closes it at a moment before somebody went on with it
        follow_heropening(before, verloop)
        verloop.follow_facts()
        return self._kader.decide(before, verloop)


def op_schrift(geschiedenis: Geschiedenis) -> Voorbeeldcasus:
    return parse_casus(geschiedenis.to_toml(), bestand="casus.toml").to_voorbeeld(geschiedenis.afspraken)


def zicht_of(hub: Hub) -> list[tuple[datetime, str | None, str]]:
    return [(line.vanaf, line.drager, line.regel_id) for line in timeline(hub.known.zicht)]


def zicht_by(casus: Voorbeeldcasus, afspraken: Afspraken) -> list[tuple[datetime, str | None, str]]:
    found = follow_zicht(casus, find_bewegingen(casus, afspraken))
    return [(item.op, item.regel.naar, item.regel.id) for item in found]


Bekend = tuple[str, UUID, datetime | None, datetime | None, str]
"""A term: rule, thing, begin, end and status. One that lapsed stays as it was when it did: it has no begin and end here."""


def termijnen_of(hub: Hub) -> set[Bekend]:
    current = (item for item in hub.known.termijnen.values() if item.vervangen_door is None)
    return {_bekend(item, DINGEN[item.onderwerp_id], item.status) for item in current}


def termijnen_by(casus: Voorbeeldcasus, afspraken: Afspraken) -> set[Bekend]:
    found = follow_termijnen(casus, afspraken)
    return {_bekend(item, item.onderwerp_id, item.status) for item in found}


def _bekend(item: Termijn, onderwerp: UUID, status: Termijnstatus) -> Bekend:
    lapsed = status is Termijnstatus.VERVALLEN
    begin, end = (None, None) if lapsed else (item.begint_op, item.eindigt_op)
    return (item.regel_id, onderwerp, begin, end, status)


some_histories = examples(25)


GAAT_VERDER = {
    *(Anker.TRIAGEBESLUIT_GENOMEN, Anker.DIENST_GESTART, Anker.VBS_GEVRAAGD, Anker.VBS_VERDEELD),
    *(Anker.OVERDRACHT_AANGEMAAKT, Anker.OVERDRACHT_OPGEPAKT, Anker.OVERDRACHT_TERUGGEKOPPELD),
    *(Anker.MELDPUNTMELDING_OVERGENOMEN, Anker.ANDERE_PARTIJ_AANVAARD),
}


def _closed_last(stappen: list[Stap]) -> list[Stap]:
    """The same, but that nobody goes on with a closed case: where all is heard at once that is refused."""
    last = max((stap.op for stap in stappen if stap.wat in GAAT_VERDER), default=ONTVANGEN)
    after = last + timedelta(milliseconds=500)
    return [replace(stap, op=max(stap.op, after)) if stap.wat is Anker.CASUS_GESLOTEN else stap for stap in stappen]


@st.composite
def geschiedenissen(draw: st.DrawFn, *, te_laat: int) -> Geschiedenis:
    """Any moments in any order after the melding, but nothing comes of an overdracht before it is made.

    Where the meldpunt has a part, the case begins there. Each is heard of up to `te_laat` hours after
    it happened. What others said of an offer is contradicted only where that can be late: else people were told of it.
    """
    soort = draw(st.sampled_from(Overdrachtsoort))
    partij = draw(st.sampled_from([None, "safegroup"]))
    over = draw(st.sampled_from([[None], [None, "tweede"]]))
    which = st.tuples(st.sampled_from(ABOUT_OVERDRACHT), st.sampled_from(over))
    about_overdracht = draw(st.lists(which, min_size=2, max_size=10, unique=True))
    aanbieder = draw(st.sampled_from([None, "veilig-thuis", "lokaal-team", "meldpunt"]))
    said = draw(st.lists(st.sampled_from(over), unique=True)) if aanbieder else []
    if not te_laat:
        refused = {over for anker, over in about_overdracht if anker is Anker.OVERDRACHT_GEWEIGERD}
        said = [item for item in said if item not in refused]
    made = [(Anker.OVERDRACHT_AANGEMAAKT, which) for which in over]
    others = draw(st.lists(st.sampled_from(ABOUT_OTHERS), max_size=6, unique=True))
    others += draw(st.lists(st.sampled_from(ABOUT_CASE), min_size=1, max_size=4, unique=True))
    held = draw(st.lists(st.sampled_from(MOMENTEN), max_size=2)) if over == [None] else []
    wat = [*made, *about_overdracht, *((anker, None) for anker in others)]
    if aanbieder == "meldpunt" or Anker.MELDPUNTMELDING_OVERGENOMEN in others:
        others.append(Anker.MELDPUNTMELDING_ONTVANGEN)
    if Anker.MELDPUNTMELDING_ONTVANGEN in others:
        wat.insert(0, (Anker.MELDPUNTMELDING_ONTVANGEN, None))
    wat += [(Anker.MONITORMOMENT_GEHOUDEN, moment + ("-ketenpartner" if partij else "")) for moment in held]
    stappen: list[Stap] = []
    from_minute: dict[tuple[str, str | None], int] = {}
    for index, (anker, which) in enumerate(dict.fromkeys(wat)):
        thing = (anker.soort, which)
        minute = draw(st.integers(from_minute.get(thing, 0), 120 * 24 * 60))
        if anker is Anker.OVERDRACHT_AANGEMAAKT:
            from_minute[thing] = minute
        op = ONTVANGEN + timedelta(minutes=minute, seconds=index + 1)
        heard = timedelta(hours=draw(st.integers(0, te_laat)))
        if anker is Anker.MELDPUNTMELDING_ONTVANGEN:  # what the meldpunt said of it is known of all that follows
            op, heard = ONTVANGEN, timedelta()
        door = draw(st.sampled_from(["lokaal-team", "veilig-thuis"])) if anker in SAID_BY_EITHER else None
        door = "lokaal-team" if anker in SAID_BY_TEAM else door
        door = "ggz-crisisdienst" if anker is Anker.ANDERE_PARTIJ_AANVAARD else door
        stappen.append(Stap(anker, op, heard, door, which))
    for index, other in enumerate(said, start=len(stappen)):
        minute = draw(st.integers(from_minute.get(("overdracht", other), 0), 120 * 24 * 60))
        op = ONTVANGEN + timedelta(minutes=minute, seconds=index + 1)
        heard = timedelta(hours=draw(st.integers(0, te_laat)))
        stappen.append(Stap(Anker.OVERDRACHT_OPGEPAKT, op, heard, None, other, volgens=aanbieder))
    if not te_laat:
        stappen = _closed_last(stappen)
    return Geschiedenis(
        regio=draw(st.sampled_from(sorted(REGIOS))),
        soort=soort,
        partij=partij,
        aanbieder=aanbieder,
        vbs=draw(st.sampled_from(VbsUrgentie)),
        acuut=draw(st.booleans()),
        vermoeden=draw(st.booleans()),
        stappen=tuple(draw(st.permutations(stappen))),
    )


GESLOTEN_OP_EEN_WOORD = Geschiedenis(
    regio="midden-brabant",
    soort=Overdrachtsoort.DIRECT,
    partij=None,
    aanbieder="meldpunt",
    vbs=VbsUrgentie.CRISIS,
    acuut=False,
    vermoeden=False,
    stappen=(
        Stap(Anker.MELDPUNTMELDING_ONTVANGEN, ONTVANGEN, timedelta()),
        Stap(Anker.OVERDRACHT_AANGEMAAKT, ONTVANGEN + timedelta(seconds=3), timedelta()),
        Stap(Anker.OVERDRACHT_OPGEPAKT, ONTVANGEN + timedelta(seconds=13), timedelta(hours=1), volgens="meldpunt"),
        Stap(Anker.CASUS_GESLOTEN, ONTVANGEN + timedelta(seconds=71), timedelta(), door="lokaal-team"),
        Stap(Anker.OVERDRACHT_GEWEIGERD, ONTVANGEN + timedelta(seconds=125), timedelta()),
    ),
)
"""It was closed while others said that a party bore it; the hub hears that party contradict it, and only then the others."""


@some_histories
@example(GESLOTEN_OP_EEN_WOORD)
@given(geschiedenissen(te_laat=30 * 24))
def test_however_late_the_hub_hears_of_it_hub_and_explain_say_the_same(geschiedenis: Geschiedenis) -> None:
    """G3, G9: who bore zicht when and by which rule; which terms began, when they end, and how they ended.

    What the hub planned before it heard that nobody monitored by then stays, as a moment that lapsed or was held; and
    what began with an acceptance that is contradicted, as a term that no longer runs.
    """
    hub, casus, afspraken = Hub(geschiedenis), op_schrift(geschiedenis), geschiedenis.afspraken
    assert zicht_of(hub) == zicht_by(casus, afspraken)
    kept, said = termijnen_of(hub), termijnen_by(casus, afspraken)
    tafel = [stap.op for stap in geschiedenis.stappen if stap.wat is Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT]
    assert said <= kept
    betwist = {derived_id("overdracht", over or "") for over in geschiedenis.betwist}
    for regel_id, over, begint_op, _, status in kept - said:
        regel = afspraken.termijnregel(regel_id)
        if over in betwist and regel is not None and regel.vanaf is Anker.OVERDRACHT_OPGEPAKT:
            assert status is not Termijnstatus.LOPEND
            continue
        assert regel_id in afspraken.monitortermijnen
        assert begint_op is None or any(op <= begint_op for op in tafel)
        assert status in {Termijnstatus.VERVALLEN, Termijnstatus.GEHAALD}


@some_histories
@given(geschiedenissen(te_laat=0))
def test_what_is_heard_at_once_calls_whom_explain_says_when_it_says(geschiedenis: Geschiedenis) -> None:
    """D11: the rungs of every ladder, each at its moment."""
    hub, casus = Hub(geschiedenis), op_schrift(geschiedenis)
    called = [
        (item.regel_id, item.onderwerp_id, oproep.op, oproep.trede.rol)
        for item in follow_termijnen(casus, geschiedenis.afspraken)
        for oproep in follow_ladder(item, geschiedenis.afspraken)
    ]
    assert sorted(hub.geroepen) == sorted(called)


def mededelingen_by(casus: Voorbeeldcasus, afspraken: Afspraken, *, until: datetime) -> list[tuple[str, datetime, str]]:
    found = find_mededelingen(casus, find_bewegingen(casus, afspraken), afspraken)
    return [
        (item.regel.id, op, item.regel.rol)
        for item in found
        for op in takewhile(lambda op: op <= until, item.momenten(afspraken.kalender))
    ]


EERST_OPGEPAKT_DAN_WARM_DAN_TERUG = Geschiedenis(
    regio="midden-brabant",
    soort=Overdrachtsoort.DIRECT,
    partij=None,
    aanbieder=None,
    vbs=VbsUrgentie.REGULIER,
    acuut=False,
    vermoeden=False,
    stappen=tuple(
        Stap(anker, ONTVANGEN + timedelta(days=days, seconds=1), timedelta())
        for anker, days in (
            (Anker.OVERDRACHT_AANGEMAAKT, 0),
            (Anker.OVERDRACHT_OPGEPAKT, 1),
            (Anker.WARME_OVERDRACHT_GEHOUDEN, 2),
            (Anker.OVERDRACHT_TERUGGEKOPPELD, 20),
        )
    ),
)


@some_histories
@example(EERST_OPGEPAKT_DAN_WARM_DAN_TERUG)
@given(geschiedenissen(te_laat=0))
def test_what_is_heard_at_once_is_told_to_whom_explain_says_when_it_says(geschiedenis: Geschiedenis) -> None:
    """G9, G10: what came back and what waits, each at its moment."""
    hub, casus = Hub(geschiedenis), op_schrift(geschiedenis)
    assert sorted(hub.verteld) == sorted(mededelingen_by(casus, geschiedenis.afspraken, until=hub.now))


TERUGGENOMEN_EN_OPNIEUW_GEZEGD = Geschiedenis(
    regio="west-brabant",
    soort=Overdrachtsoort.NA_DIENST,
    partij="safegroup",
    aanbieder=None,
    vbs=VbsUrgentie.REGULIER,
    acuut=False,
    vermoeden=False,
    stappen=tuple(
        Stap(anker, ONTVANGEN + timedelta(hours=after), timedelta(hours=late))
        for anker, after, late in (
            (Anker.OVERDRACHT_AANGEMAAKT, 1, 114),
            (Anker.OVERDRACHT_GEWEIGERD, 4, 355),
            (Anker.OVERDRACHT_OPGEPAKT, 14, 231),
            (Anker.WARME_OVERDRACHT_GEHOUDEN, 44, 348),
            (Anker.OVERDRACHT_INGETROKKEN, 125, 77),
        )
    ),
)


@some_histories
@example(TERUGGENOMEN_EN_OPNIEUW_GEZEGD)
@given(geschiedenissen(te_laat=30 * 24))
def test_however_late_the_hub_hears_of_it_nothing_is_told_twice(geschiedenis: Geschiedenis) -> None:
    hub = Hub(geschiedenis)
    assert len(set(hub.verteld_onder)) == len(hub.verteld_onder)
