"""The bridge from the Meldpunt Crisiszorg: record, forward what may be HG/KM, and note who takes over (BK part II)."""

from datetime import datetime
from typing import Protocol

from contracts.afspraken import local_date
from contracts.afspraken.overname import DOORGEZET
from contracts.messages.documenten import Bron, Professional, Urgentie, wrong_geboortedatums
from contracts.messages.door_mensen import who_did
from contracts.messages.envelope import Problem
from contracts.messages.handover import OverdrachtGeweigerd, OverdrachtIngetrokken, OverdrachtOpgepakt
from contracts.messages.identifiers import PartijCode, RegioCode, derived_id
from contracts.messages.triage import (
    MeldpuntmeldingDoorgezet,
    MeldpuntmeldingOntvangen,
    MeldpuntmeldingOvergenomen,
    MeldpuntUitkomst,
    OvernameAangeboden,
    SamenloopGesignaleerd,
)
from contracts.rechten import Daad, Relatie, Toegang, decide, is_veilig_thuis_of
from services.runtime.unit.decision import Context, Decision, JournalLine, JsonObject, Outcome, Reference, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, invalid, iso, seal, unchanged
from services.triage.domain.antwoord import NOT_FOUND, meldpunt_answer, occupied, reused
from services.triage.domain.casus import Casus, Meldpuntmelding
from services.triage.domain.invoer import MeldpuntmeldingInvoer, OvernameInvoer
from services.triage.domain.kader import Kader
from services.triage.domain.melding import Herkomst, Radar, check_melder, forward_melding
from services.triage.domain.relaties import of_overname
from services.triage.domain.sluiting import why_closed

STAYS_WITH_MELDPUNT = frozenset({MeldpuntUitkomst.ADVIES, MeldpuntUitkomst.WVGGZ_HOREN})
"""Outcomes in which no other party is asked to take over."""
TAKEN_OVER = conflict("Al overgenomen", "een andere partij heeft deze meldpuntmelding al overgenomen")
SAID_TO_BE = conflict(
    "Volgens een ander overgenomen",
    "volgens het meldpunt nam een andere partij deze melding over; het meldpunt kan dat terugnemen of u vragen, zolang "
    "die partij het niet zelf bevestigt",
)
SAID_OF_ANOTHER = conflict(
    "Volgens u overgenomen",
    "dat een andere partij deze melding overnam is al gemeld; neem dat eerst terug, of vraag deze partij zonder bewijs",
)
VOORBIJ = Refused(404, "Niet gevonden", TAKEN_OVER.problems, code="overgenomen")
"""The same for who has no part in it any more: its meldpunt, and who was asked and is late."""


def receive_meldpuntmelding(
    state: Casus | None, invoer: MeldpuntmeldingInvoer, radar: Radar, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Record what the meldpunt took in; a suspicion of HG/KM always goes to Veilig Thuis."""
    if state is not None:
        if (earlier := state.meldpuntmelding) is None:
            return occupied()
        if earlier.vingerafdruk != kader.fingerprint(invoer):
            return reused("meldpuntmelding")
        return unchanged(state, meldpunt_answer(context.casus_id, earlier))
    ontvangen_op = invoer.ontvangen_op or context.now
    regio = kader.find_regio(invoer.gemeente, local_date(ontvangen_op))
    problems = [
        *kader.check_moment("ontvangenOp", invoer.ontvangen_op, context.now),
        *check_melder(invoer),
        *wrong_geboortedatums("betrokkenen", invoer.betrokkenen, local_date(context.now)),
        *kader.check_size("$", invoer.gegevens()),
        *([] if kader.is_meldpunt(context.actor.partij) else [Problem("$", "alleen een meldpunt kan dit melden")]),
        *([regio] if isinstance(regio, Problem) else []),
    ]
    if problems or isinstance(regio, Problem):
        return invalid(problems)
    melding = _new(invoer, regio, ontvangen_op, context=context, kader=kader)
    return _accept(melding, invoer, radar, context=context, kader=kader)


def take_over(state: Casus | None, invoer: OvernameInvoer, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """A party takes over, by its own act; the party that the meldpunt names is asked to (BK 4.4)."""
    melding = None if state is None else state.meldpuntmelding
    if state is None or melding is None:
        return NOT_FOUND
    relaties = of_overname(context.actor, melding, kader)
    match decide(Daad.MELDPUNTMELDING_OVERNEMEN, relaties):
        case Toegang.GEEN | Toegang.ROL:
            return NOT_FOUND
        case Toegang.VOORBIJ:
            return VOORBIJ
        case Toegang.MAG:
            pass
    if Relatie.MELDPUNT in relaties:
        return _ask(state, melding, invoer, context=context, kader=kader)
    if problems := _wrong_of_own_act(invoer, context.actor.partij):
        return invalid(problems)
    return _by_own_act(state, melding, context=context)


def note_answer(
    state: Casus | None, event: OverdrachtOpgepakt | OverdrachtGeweigerd | OverdrachtIngetrokken
) -> Outcome[Casus]:
    """What became of an offer that the meldpunt made, as handover heard it from the party that was asked."""
    melding = None if state is None else state.meldpuntmelding
    if state is None or melding is None or event.aangeboden_door != melding.meldpunt:
        return unchanged(state)
    partij = event.partij or event.gemeente
    changed = melding
    if isinstance(event, OverdrachtOpgepakt):
        own = event.bewijs is None
        if melding.overgenomen_door in {None, partij} or (own and melding.op_bewijs):
            known_op = melding.overgenomen_op if melding.overgenomen_door == partij else None
            op = min(event.opgepakt_op, known_op or event.opgepakt_op)
            changed = replace(changed, overgenomen_door=partij, overgenomen_op=op, op_bewijs=not own)
    elif event.betwist and melding.op_bewijs and melding.overgenomen_door == partij:
        changed = replace(changed, overgenomen_door=None, overgenomen_op=None, op_bewijs=False)
    if not isinstance(event, OverdrachtOpgepakt) and (changed.overgenomen_door is None or changed.op_bewijs):
        others = {key: known for key, known in melding.aanbiedingen.items() if key != event.overdracht_id}
        changed = replace(changed, aanbiedingen=others)
    return unchanged(state) if changed == melding else Decision(replace(state, meldpuntmelding=changed))


def take_over_with_besluit(
    state: Casus, *, door: Professional, context: Context
) -> tuple[Casus, tuple[MeldpuntmeldingOvergenomen, ...]]:
    """Whoever takes a triagebesluit has taken the melding over, also where nobody said so before."""
    melding = state.meldpuntmelding
    if melding is None or (melding.overgenomen_op is not None and not melding.op_bewijs):
        return state, ()
    return _taken_over(state, melding, op=context.now, door=door, context=context)


def why_not_from(melding: Meldpuntmelding, partij: PartijCode) -> Refused | None:
    """Why this party cannot take it over from who has it, or is said to; None where it was asked and only a word stands."""
    if not melding.op_bewijs:
        return TAKEN_OVER
    return None if partij in melding.aanbiedingen.values() else SAID_TO_BE


def _by_own_act(state: Casus, melding: Meldpuntmelding, *, context: Context) -> Outcome[Casus]:
    door = context.actor.partij
    is_own = melding.overgenomen_door in {None, door}
    if not is_own and (taken := why_not_from(melding, door)):
        return taken
    if melding.overgenomen_door is not None and not melding.op_bewijs:
        return unchanged(state, meldpunt_answer(context.casus_id, melding))
    if closed := why_closed(state):
        return closed
    since = melding.overgenomen_op if is_own else None
    changed, events = _taken_over(state, melding, op=since or context.now, context=context)
    assert changed.meldpuntmelding is not None, "it was taken over just now"
    return Decision(
        changed,
        events=events,
        journal=(JournalLine("meldpuntmelding-overgenomen", facts={"door": door}),),
        answer=meldpunt_answer(context.casus_id, changed.meldpuntmelding),
    )


def _ask(
    state: Casus, melding: Meldpuntmelding, invoer: OvernameInvoer, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """The meldpunt names a party: that is asked to take over, and until it does nothing changes."""
    if problem := wrong_to_ask(melding, invoer, partij=context.actor.partij, now=context.now, kader=kader):
        return invalid((problem,))
    assert invoer.door is not None, "it was looked at just now"
    known = next((key for key, partij in melding.aanbiedingen.items() if partij == invoer.door), None)
    if invoer.bewijs is None and (known is not None or kader.is_veilig_thuis(invoer.door)):
        return unchanged(state, _asked_answer(melding, invoer.door, context))
    if closed := why_closed(state):
        return closed
    if invoer.bewijs is not None and melding.op_bewijs and melding.overgenomen_door != invoer.door:
        return SAID_OF_ANOTHER
    offer_id = known or derived_id("overname", str(melding.id), invoer.door, str(melding.aangeboden))
    asked = replace(
        melding,
        aanbiedingen={**melding.aanbiedingen, offer_id: invoer.door},
        aangeboden=melding.aangeboden + (known is None),
    )
    event = OvernameAangeboden(
        meldpuntmelding_id=melding.id,
        overdracht_id=offer_id,
        melding_id=state.melding.id if state.melding is not None else melding.id,
        regio=melding.regio,
        gemeente=melding.gemeente,
        partij=invoer.door,
        melding_ontvangen_op=melding.ontvangen_op,
        aangeboden_op=context.now,
        aangeboden_door=melding.meldpunt,
        bewijs=invoer.bewijs,
    )
    answer = _asked_answer(asked, invoer.door, context)
    if invoer.bewijs is not None:
        asked = replace(asked, overgenomen_door=invoer.door, overgenomen_op=invoer.bewijs.op, op_bewijs=True)
        answer = meldpunt_answer(context.casus_id, asked)
    facts: JsonObject = {"aan": invoer.door}
    facts |= {} if invoer.bewijs is None else {"aanvaardDoor": invoer.bewijs.functie, "op": iso(invoer.bewijs.op)}
    return Decision(
        replace(state, meldpuntmelding=asked),
        events=(event,),
        journal=(JournalLine("overname-aangeboden", facts=facts),),
        answer=answer,
    )


def _asked_answer(melding: Meldpuntmelding, door: PartijCode, context: Context) -> JsonObject:
    """Whom it was asked now; all who have not answered yet stand beside it."""
    return meldpunt_answer(context.casus_id, melding) | {"aangebodenAan": door}


class Doorgezet(Protocol):
    """What of a meldpuntmelding says who can be asked; its row in the read table has that too."""

    @property
    def regio(self) -> str: ...
    @property
    def doorgezet_naar(self) -> MeldpuntUitkomst | None: ...
    @property
    def ontvangen_op(self) -> datetime: ...


def wrong_to_ask(
    melding: Doorgezet, invoer: OvernameInvoer, *, partij: PartijCode, now: datetime, kader: Kader
) -> Problem | None:
    """Why this meldpunt cannot ask this; None where it can."""
    door, forwarded = invoer.door, melding.doorgezet_naar is MeldpuntUitkomst.VEILIG_THUIS
    if door is None:
        return Problem("door", "ontbreekt: welke partij wordt gevraagd over te nemen?")
    if door == partij:
        return Problem("door", "het meldpunt kan niet van zichzelf overnemen")
    if kader.is_veilig_thuis(door):
        here = is_veilig_thuis_of(door, melding.regio, kader.register)
        return _wrong_to_ask_veilig_thuis(invoer, here=here, forwarded=forwarded)
    if forwarded:
        return Problem("door", DOORGEZET)
    if not kader.receives(door, now):
        return Problem("door", f"{kader.register.naam(door)} staat niet in het register, of is niet te bereiken")
    wrong = invoer.bewijs is not None and not melding.ontvangen_op <= invoer.bewijs.op <= now
    return Problem("bewijs.op", "ligt vóór de melding of in de toekomst") if wrong else None


def _wrong_to_ask_veilig_thuis(invoer: OvernameInvoer, *, here: bool, forwarded: bool) -> Problem | None:
    """What was forwarded to Veilig Thuis of its region is its to take over already, and nobody says so for it."""
    if not here:
        return Problem("door", "dit Veilig Thuis is er niet voor de gemeente van deze melding")
    if not forwarded:
        return Problem("door", "zet de melding door naar Veilig Thuis met een vermoeden van huiselijk geweld")
    return None if invoer.bewijs is None else Problem("bewijs", "Veilig Thuis bevestigt een overname zelf")


def _wrong_of_own_act(invoer: OvernameInvoer, partij: PartijCode) -> list[Problem]:
    other = [] if invoer.door in {None, partij} else [Problem("door", "een partij neemt alleen zelf over")]
    return other if invoer.bewijs is None else [*other, Problem("bewijs", "wie zelf overneemt heeft geen bewijs nodig")]


def _new(
    invoer: MeldpuntmeldingInvoer, regio: RegioCode, ontvangen_op: datetime, *, context: Context, kader: Kader
) -> Meldpuntmelding:
    naar = MeldpuntUitkomst.VEILIG_THUIS if invoer.vermoeden_hgkm else invoer.uitkomst
    forwarded = naar not in STAYS_WITH_MELDPUNT
    return Meldpuntmelding(
        id=context.new_id(),
        meldpunt=context.actor.partij,
        kenmerk=invoer.kenmerk,
        regio=regio,
        gemeente=invoer.gemeente,
        crisis=invoer.crisis,
        vermoeden_hgkm=invoer.vermoeden_hgkm,
        uitkomst=invoer.uitkomst,
        ontvangen_op=ontvangen_op,
        vingerafdruk=kader.fingerprint(invoer),
        doorgezet_naar=naar if forwarded else None,
        doorgezet_op=context.now if forwarded else None,
    )


def _accept(
    melding: Meldpuntmelding, invoer: MeldpuntmeldingInvoer, radar: Radar, *, context: Context, kader: Kader
) -> Decision[Casus]:
    opened: Decision[Casus] = Decision(
        Casus(meldpuntmelding=melding),
        references=tuple(Reference("huishouden", key) for key in radar.huishouden),
    )
    if melding.doorgezet_naar is MeldpuntUitkomst.VEILIG_THUIS:
        urgentie = Urgentie.CRISIS if melding.crisis else Urgentie.REGULIER
        herkomst = Herkomst(melding.regio, Bron.MELDPUNT, urgentie, melding.ontvangen_op, melding.id)
        opened = forward_melding(opened.state, invoer, herkomst, radar, context=context, kader=kader)
    samenloop = (
        (SamenloopGesignaleerd(meldpuntmelding_id=melding.id, andere_casussen=radar.lopende_casussen),)
        if radar.lopende_casussen
        else ()
    )
    return replace(
        opened,
        events=(
            _received(melding, invoer, context=context),
            *_forwarded(melding, opened.state),
            *opened.events,
            *samenloop,
        ),
        journal=(_line(melding), *opened.journal),
        references=(Reference("meldpuntmelding", str(melding.id)), *opened.references),
        answer=meldpunt_answer(context.casus_id, melding),
    )


def _taken_over(
    state: Casus, melding: Meldpuntmelding, *, op: datetime, door: Professional | None = None, context: Context
) -> tuple[Casus, tuple[MeldpuntmeldingOvergenomen, ...]]:
    partij = context.actor.partij
    taken = replace(melding, overgenomen_door=partij, overgenomen_op=op, op_bewijs=False)
    event = MeldpuntmeldingOvergenomen(
        meldpuntmelding_id=melding.id,
        regio=melding.regio,
        door=partij,
        overgenomen_op=op,
        medewerker=seal(context, who_did(context.actor, door)),
    )
    return replace(state, meldpuntmelding=taken), (event,)


def _received(melding: Meldpuntmelding, invoer: MeldpuntmeldingInvoer, *, context: Context) -> MeldpuntmeldingOntvangen:
    return MeldpuntmeldingOntvangen(
        meldpuntmelding_id=melding.id,
        regio=melding.regio,
        gemeente=melding.gemeente,
        crisis=melding.crisis,
        vermoeden_hgkm=melding.vermoeden_hgkm,
        uitkomst=melding.uitkomst,
        ontvangen_op=melding.ontvangen_op,
        gegevens=seal(context, invoer.gegevens()),
        medewerker=seal(context, who_did(context.actor)),
    )


def _forwarded(melding: Meldpuntmelding, state: Casus) -> tuple[MeldpuntmeldingDoorgezet, ...]:
    if melding.doorgezet_naar is None or melding.doorgezet_op is None:
        return ()
    event = MeldpuntmeldingDoorgezet(
        meldpuntmelding_id=melding.id,
        regio=melding.regio,
        gemeente=melding.gemeente,
        crisis=melding.crisis,
        naar=melding.doorgezet_naar,
        ontvangen_op=melding.ontvangen_op,
        doorgezet_op=melding.doorgezet_op,
        melding_id=state.melding.id if state.melding is not None else None,
    )
    return (event,)


def _line(melding: Meldpuntmelding) -> JournalLine:
    return JournalLine(
        "meldpuntmelding-ontvangen",
        facts={
            "crisis": melding.crisis,
            "vermoedenHgkm": melding.vermoeden_hgkm,
            "uitkomst": melding.uitkomst.value,
            "doorgezetNaar": melding.doorgezet_naar.value if melding.doorgezet_naar else None,
        },
    )
