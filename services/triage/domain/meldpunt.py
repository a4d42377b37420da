"""The bridge from the Meldpunt Crisiszorg: record, forward what may be HG/KM, and note who takes over (BK part II)."""

from datetime import datetime

from contracts.messages.documenten import Bron, Urgentie, wrong_geboortedatums
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import PartijCode, RegioCode
from contracts.messages.triage import (
    MeldpuntmeldingDoorgezet,
    MeldpuntmeldingOntvangen,
    MeldpuntmeldingOvergenomen,
    MeldpuntUitkomst,
    SamenloopGesignaleerd,
)
from contracts.rechten import Daad, Toegang, decide
from services.runtime.unit.decision import Context, Decision, JournalLine, Outcome, Reference, Refused
from services.runtime.unit.frozen import replace
from services.triage.domain.antwoord import (
    NOT_FOUND,
    conflict,
    invalid,
    meldpunt_answer,
    occupied,
    reused,
    seal,
    unchanged,
)
from services.triage.domain.casus import Casus, Meldpuntmelding
from services.triage.domain.invoer import MeldpuntmeldingInvoer, OvernameInvoer
from services.triage.domain.kader import Kader, local_date
from services.triage.domain.melding import Herkomst, Radar, check_melder, forward_melding
from services.triage.domain.relaties import of_meldpuntmelding

STAYS_WITH_MELDPUNT = frozenset({MeldpuntUitkomst.ADVIES, MeldpuntUitkomst.WVGGZ_HOREN})
"""Outcomes in which no other party is asked to take over."""
TAKEN_OVER = conflict("Al overgenomen", "een andere partij heeft deze meldpuntmelding al overgenomen")


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
    """Another party has accepted: from now on the meldpunt no longer keeps the regie (BK 4.4)."""
    melding = None if state is None else state.meldpuntmelding
    if state is None or melding is None:
        return NOT_FOUND
    if refused := _why_not(melding, invoer, context=context, kader=kader):
        return refused
    door = _party_taking_over(melding, invoer, context=context, kader=kader)
    if isinstance(door, Problem):
        return invalid((door,))
    if melding.overgenomen_door == door:
        return unchanged(state, meldpunt_answer(context.casus_id, melding))
    if melding.overgenomen_door is not None:
        return TAKEN_OVER
    changed, events = _taken_over(state, melding, door=door, now=context.now)
    assert changed.meldpuntmelding is not None, "it was taken over just now"
    return Decision(
        changed,
        events=events,
        journal=(JournalLine("meldpuntmelding-overgenomen", facts={"door": door}),),
        answer=meldpunt_answer(context.casus_id, changed.meldpuntmelding),
    )


def take_over_with_besluit(
    state: Casus, *, now: datetime, door: PartijCode
) -> tuple[Casus, tuple[MeldpuntmeldingOvergenomen, ...]]:
    """Whoever takes a triagebesluit has taken the melding over, also where nobody said so before."""
    melding = state.meldpuntmelding
    if melding is None or melding.overgenomen_op is not None:
        return state, ()
    return _taken_over(state, melding, door=door, now=now)


def _why_not(melding: Meldpuntmelding, invoer: OvernameInvoer, *, context: Context, kader: Kader) -> Refused | None:
    """Who may say so; after it was taken over the meldpunt may say only the same again."""
    match decide(Daad.MELDPUNTMELDING_OVERNEMEN, of_meldpuntmelding(context.actor, melding, kader)):
        case Toegang.GEEN:
            return NOT_FOUND
        case Toegang.VOORBIJ if invoer.door != melding.overgenomen_door:
            return TAKEN_OVER
        case Toegang.VOORBIJ | Toegang.MAG:
            return None


def _party_taking_over(
    melding: Meldpuntmelding, invoer: OvernameInvoer, *, context: Context, kader: Kader
) -> PartijCode | Problem:
    """Veilig Thuis takes over itself; the meldpunt may say which other party did."""
    actor = context.actor.partij
    if kader.is_veilig_thuis_of(context.actor, melding.regio):
        return actor if invoer.door in {None, actor} else Problem("door", "Veilig Thuis neemt alleen zelf over")
    if invoer.door is None:
        return Problem("door", "ontbreekt: welke partij heeft overgenomen?")
    if not kader.register.knows(invoer.door):
        return Problem("door", f"partij {invoer.door} staat niet in het register")
    if melding.doorgezet_naar is MeldpuntUitkomst.VEILIG_THUIS:
        return Problem("door", "deze melding is naar Veilig Thuis doorgezet; dat bevestigt de overname zelf")
    return Problem("door", "het meldpunt kan niet van zichzelf overnemen") if invoer.door == actor else invoer.door


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
    state: Casus, melding: Meldpuntmelding, *, door: PartijCode, now: datetime
) -> tuple[Casus, tuple[MeldpuntmeldingOvergenomen, ...]]:
    taken = replace(melding, overgenomen_door=door, overgenomen_op=now)
    event = MeldpuntmeldingOvergenomen(
        meldpuntmelding_id=melding.id, regio=melding.regio, door=door, overgenomen_op=now
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
