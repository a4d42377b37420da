"""A melding arrives, gets facts added, or is given back by a lokaal team."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from contracts.afspraken import Triagefeit, local_date
from contracts.messages.documenten import Betrokkene, Bron, RolBetrokkene, Urgentie, age_on, wrong_geboortedatums
from contracts.messages.door_mensen import who_did
from contracts.messages.envelope import Problem
from contracts.messages.handover import OverdrachtGeweigerd, OverdrachtIngetrokken, OverdrachtTeruggekoppeld
from contracts.messages.identifiers import RegioCode
from contracts.messages.triage import HermeldingHerkend, MeldingOntvangen
from contracts.rechten import Daad, may
from services.runtime.unit.decision import (
    Context,
    Decision,
    JournalLine,
    JsonObject,
    Outcome,
    Reference,
    Refused,
    TooEarly,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, invalid, seal, unchanged
from services.triage.domain.advies import determine_advies
from services.triage.domain.antwoord import NOT_FOUND, melding_answer, occupied, reused
from services.triage.domain.casus import AWAITING_BESLUIT, TRANSITIONS, Casus, Fase, Melding
from services.triage.domain.huishouden import Radar
from services.triage.domain.invoer import FeitenAanvulling, MeldingInvoer, MeldpuntmeldingInvoer
from services.triage.domain.kader import Kader
from services.triage.domain.relaties import of_melding
from services.triage.domain.sluiting import why_closed

MEERDERJARIG = 18
"""Art. 1:233 BW. It only says whether a child is involved; no outcome rests on it."""


def receive_melding(
    state: Casus | None, invoer: MeldingInvoer, radar: Radar, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Take in a melding, compute the advice, and link it to what was reported earlier about the household."""
    if state is not None:
        return _repeat(state, invoer, context=context, kader=kader)
    ontvangen_op = invoer.ontvangen_op or context.now
    regio = kader.find_regio(invoer.gemeente, local_date(ontvangen_op))
    problems = _check(invoer, context=context, kader=kader)
    if isinstance(regio, Problem):
        return invalid((*problems, regio))
    if kader.is_veilig_thuis_elsewhere(context.actor, regio):
        problems.append(Problem("gemeente", f"hoort bij de regio {regio}; meld daar"))
    if problems:
        return invalid(problems)
    melding = _new_melding(
        invoer, Herkomst(regio, invoer.bron, invoer.urgentie, ontvangen_op), radar, context=context, kader=kader
    )
    return open_melding(Casus(), melding, invoer, radar, context=context, kader=kader)


@dataclass(frozen=True, slots=True)
class Herkomst:
    """Where a melding comes from: region, source, urgency, moment, and the meldpuntmelding it was forwarded from."""

    regio: RegioCode
    bron: Bron
    urgentie: Urgentie
    ontvangen_op: datetime
    meldpuntmelding_id: UUID | None = None


def forward_melding(
    state: Casus,
    invoer: MeldpuntmeldingInvoer,
    herkomst: Herkomst,
    radar: Radar,
    *,
    context: Context,
    kader: Kader,
) -> Decision[Casus]:
    """Open a melding at Veilig Thuis in the case of a meldpuntmelding that is forwarded (BK part II)."""
    melding = _new_melding(invoer, herkomst, radar, context=context, kader=kader)
    return open_melding(state, melding, invoer, radar, context=context, kader=kader)


def open_melding(
    state: Casus,
    melding: Melding,
    invoer: MeldingInvoer | MeldpuntmeldingInvoer,
    radar: Radar,
    *,
    context: Context,
    kader: Kader,
) -> Decision[Casus]:
    """Everything that follows from a melding that was accepted."""
    afspraken = kader.afspraken(regio=melding.regio, gemeente=melding.gemeente, ontvangen_op=melding.ontvangen_op)
    bepaling = determine_advies(afspraken, melding.feiten, melding_id=melding.id, now=context.now)
    opened = replace(state, fase=Fase.IN_TRIAGE, melding=melding, advies=bepaling.uitkomst)
    hermelding = (
        (HermeldingHerkend(melding_id=melding.id, eerdere_casussen=radar.eerdere_casussen),)
        if radar.eerdere_casussen
        else ()
    )
    return Decision(
        opened,
        events=(_received(melding, invoer, context=context), bepaling.event, *hermelding),
        journal=(
            JournalLine("melding-ontvangen", facts={"gemeente": melding.gemeente, "bron": melding.bron.value}),
            *bepaling.journal,
            *(JournalLine("hermelding-herkend", facts={"casus": str(casus)}) for casus in radar.eerdere_casussen),
            *(
                JournalLine(
                    "mogelijke-hermelding-gevonden",
                    facts={"casus": str(item.casus_id), "gronden": [grond.value for grond in item.gronden]},
                )
                for item in radar.mogelijke
            ),
        ),
        references=(
            Reference("melding", str(melding.id)),
            *(Reference("huishouden", key) for key in radar.huishouden),
        ),
        answer=melding_answer(context.casus_id, opened, melding),
    )


def add_feiten(state: Casus | None, invoer: FeitenAanvulling, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """Record what became known later and advise anew, as long as a triagebesluit is still wanted."""
    if state is None or (melding := accessible_melding(state, context=context, kader=kader)) is None:
        return NOT_FOUND
    if not (added := invoer.feiten.known()):
        return invalid((Problem("feiten", "is leeg; noem minstens één feit"),))
    if closed := why_closed(state):
        return closed
    if refused := why_no_more_feiten(state):
        return refused
    feiten = melding.feiten | added
    if feiten == melding.feiten:
        return unchanged(state, melding_answer(context.casus_id, state, melding))
    afspraken = kader.afspraken(regio=melding.regio, gemeente=melding.gemeente, ontvangen_op=melding.ontvangen_op)
    bepaling = determine_advies(afspraken, feiten, melding_id=melding.id, now=context.now)
    changed = replace(state, melding=replace(melding, feiten=feiten), advies=bepaling.uitkomst)
    return Decision(
        changed,
        events=(bepaling.event,),
        journal=(
            JournalLine("feiten-toegevoegd", facts={"feiten": {**added}, "functie": invoer.vastgesteld_door.functie}),
            *bepaling.journal,
        ),
        answer=melding_answer(context.casus_id, changed, melding),
    )


def why_no_more_feiten(state: Casus) -> Refused | None:
    """That it was decided already; None as long as a triagebesluit is wanted."""
    if state.fase in AWAITING_BESLUIT:
        return None
    return conflict("Het triagebesluit is al genomen", "feiten toevoegen kan tot het triagebesluit")


def take_back(
    state: Casus | None, event: OverdrachtTeruggekoppeld | OverdrachtGeweigerd | OverdrachtIngetrokken
) -> Outcome[Casus]:
    """A lokaal team gave the case back (MB 4.1), did not take it, or it was taken back: Veilig Thuis weighs again."""
    if event.aangeboden_door is not None and (state is None or state.melding is None):
        return unchanged(state)  # the meldpunt made an offer without a melding; nobody weighs anything again
    if state is None or state.melding is None or state.fase is None:
        return TooEarly("de melding")
    if event.overdracht_id in state.teruggekoppeld:
        return unchanged(state)
    returned = (*state.teruggekoppeld, event.overdracht_id)
    reopens = Fase.TERUGGEKOPPELD in TRANSITIONS[state.fase]
    fase = Fase.TERUGGEKOPPELD if reopens else state.fase
    line = JournalLine(
        "nieuwe-weging-gevraagd" if reopens else "terugkoppeling-ontvangen",
        facts={
            "overdracht": str(event.overdracht_id),
            "gemeente": event.gemeente,
            **_reason(event),
        },
    )
    return Decision(replace(state, fase=fase, teruggekoppeld=returned), journal=(line,))


def _reason(event: OverdrachtTeruggekoppeld | OverdrachtGeweigerd | OverdrachtIngetrokken) -> JsonObject:
    match event:
        case OverdrachtTeruggekoppeld():
            return {"criteria": [criterium.value for criterium in event.criteria]}
        case OverdrachtGeweigerd():
            return {"weigeringscode": event.code.value}
        case OverdrachtIngetrokken():
            return {"ingetrokken": True}


def note_inzage(state: Casus | None, melding_id: UUID, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """Somebody at Veilig Thuis reads personal data: noted before it is shown (NEN 7513)."""
    melding = None if state is None else accessible_melding(state, Daad.MELDING_LEZEN, context=context, kader=kader)
    if state is None or melding is None:
        return NOT_FOUND
    line = JournalLine("melding-ingezien", facts={"melding": str(melding_id)})
    return Decision(state, journal=(line,), answer={"id": str(melding_id)})


def accessible_melding(
    state: Casus, daad: Daad = Daad.MELDING_BEHANDELEN, *, context: Context, kader: Kader
) -> Melding | None:
    """The melding, where whoever acts may do this with it."""
    melding = state.melding
    return melding if melding is not None and may(daad, of_melding(context.actor, melding, kader)) else None


def check_melder(invoer: MeldingInvoer | MeldpuntmeldingInvoer) -> list[Problem]:
    """A melder has a name unless they want to stay anonymous, and the facts do not deny that wish."""
    problems: list[Problem] = []
    if invoer.melder.naam is None and not invoer.melder.wil_anoniem_blijven:
        problems.append(Problem("melder.naam", "mag alleen ontbreken als de melder anoniem wil blijven"))
    if invoer.melder.wil_anoniem_blijven and invoer.feiten.melder_wil_anoniem is False:
        problems.append(Problem("feiten.melderWilAnoniem", "spreekt melder.wilAnoniemBlijven tegen"))
    return problems


def _check(invoer: MeldingInvoer, *, context: Context, kader: Kader) -> list[Problem]:
    return [
        *kader.check_moment("ontvangenOp", invoer.ontvangen_op, context.now),
        *check_melder(invoer),
        *wrong_geboortedatums("betrokkenen", invoer.betrokkenen, local_date(context.now)),
        *kader.check_size("$", invoer.persoonsgegevens()),
    ]


def _repeat(state: Casus, invoer: MeldingInvoer, *, context: Context, kader: Kader) -> Decision[Casus] | Refused:
    melding = state.melding
    if melding is None or melding.meldpuntmelding_id is not None:
        return occupied()
    if melding.vingerafdruk != kader.fingerprint(invoer):
        return reused("melding")
    return unchanged(state, melding_answer(context.casus_id, state, melding))


def _new_melding(
    invoer: MeldingInvoer | MeldpuntmeldingInvoer, herkomst: Herkomst, radar: Radar, *, context: Context, kader: Kader
) -> Melding:
    return Melding(
        id=context.new_id(),
        kenmerk=invoer.kenmerk,
        afzender=context.actor.partij,
        regio=herkomst.regio,
        gemeente=invoer.gemeente,
        bron=herkomst.bron,
        urgentie=herkomst.urgentie,
        ontvangen_op=herkomst.ontvangen_op,
        vingerafdruk=kader.fingerprint(invoer),
        feiten=invoer.known_feiten(),
        persoonsgegevens=seal(context, invoer.persoonsgegevens()),
        eerdere_casussen=radar.eerdere_casussen,
        mogelijke_hermeldingen=radar.mogelijke,
        meldpuntmelding_id=herkomst.meldpuntmelding_id,
    )


def _received(melding: Melding, invoer: MeldingInvoer | MeldpuntmeldingInvoer, *, context: Context) -> MeldingOntvangen:
    on = local_date(melding.ontvangen_op)
    return MeldingOntvangen(
        melding_id=melding.id,
        regio=melding.regio,
        gemeente=melding.gemeente,
        bron=melding.bron,
        urgentie=melding.urgentie,
        ontvangen_op=melding.ontvangen_op,
        melder_anoniem=melding.feiten.get(Triagefeit.MELDER_WIL_ANONIEM.value, False),
        aantal_betrokkenen=len(invoer.betrokkenen),
        minderjarigen_betrokken=any(_is_minor(betrokkene, on) for betrokkene in invoer.betrokkenen),
        meldpuntmelding_id=melding.meldpuntmelding_id,
        persoonsgegevens=melding.persoonsgegevens,
        medewerker=seal(context, who_did(context.actor)),
    )


def _is_minor(betrokkene: Betrokkene, on: date) -> bool:
    """Where that is not known for sure, rather a child too many than one overlooked."""
    if betrokkene.geboortedatum is not None:
        return age_on(on, betrokkene.geboortedatum.laatst) < MEERDERJARIG
    if betrokkene.leeftijd is not None:
        return betrokkene.leeftijd < MEERDERJARIG
    return betrokkene.rol is RolBetrokkene.KIND
