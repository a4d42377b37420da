"""An offer: somebody in the case says that another party takes over (docs/decisions/0019).

It is an overdracht like any other, on the own road of the receiver, but nothing goes over before the receiver acts: it
takes it up or refuses. A proof that others give counts until the receiver contradicts it, or another party that is
asked accepts itself. The first party that takes a case over itself ends every other offer in it.
"""

from contracts.afspraken import local_date
from contracts.messages.documenten import Meldpuntgegevens, Overdrachtsdocument
from contracts.messages.handover import Kanaal, Overdrachtsoort
from contracts.messages.monitoring import ZorgAangeboden, ZorgAanvaard
from contracts.messages.triage import MeldpuntmeldingOntvangen, MeldpuntmeldingOvergenomen, OvernameAangeboden
from contracts.messages.verzegeld import Verzegeld
from contracts.register import Gemeente, NietInRegister
from services.handover.domain.aanmaken import create, with_latest_moment
from services.handover.domain.aanvaarden import accept, end, open_offers
from services.handover.domain.bevestigen import with_link
from services.handover.domain.casus import Casus, Overdracht, Verklaring, aflevering_id
from services.handover.domain.kader import Kader
from services.runtime.unit.decision import Context, Decision, Outcome, Rejected
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import joined, seal, unchanged

GEVRAAGD = "De vraag is of uw organisatie deze casus overneemt. Aanvaard haar, of weiger met een reden."


def note_meldpuntmelding(state: Casus | None, event: MeldpuntmeldingOntvangen) -> Decision[Casus]:
    """What the meldpunt took in stays at hand, sealed: whoever is asked to take it over has to be able to read it."""
    return Decision(replace(state or Casus(), meldpuntgegevens=event.gegevens))


def offer(
    state: Casus | None, event: ZorgAangeboden | OvernameAangeboden, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """Bring the offer to the party that is asked, on its own road; with a proof it has accepted as others say."""
    casus = state or Casus()
    overdracht = casus.overdracht(event.overdracht_id)
    if overdracht is not None and (event.bewijs is None or not overdracht.is_open_aanbod):
        return unchanged(state)
    made = overdracht or _new(casus, event, context=context, kader=kader)
    decision = Decision(casus) if overdracht is not None else create(casus, made, context=context, kader=kader)
    if event.bewijs is None:
        return decision
    verklaring = Verklaring(event.bewijs.op, event.partij, bewijs=event.bewijs)
    return joined(decision, accept(decision.state, made, verklaring, context=context, kader=kader))


def note_zorg_aanvaard(state: Casus | None, event: ZorgAanvaard, *, context: Context, kader: Kader) -> Outcome[Casus]:
    """The receiver said at monitoring that it takes over."""
    overdracht = None if state is None else state.overdracht(event.overdracht_id)
    if state is None or overdracht is None or not (overdracht.is_open_aanbod or overdracht.is_op_bewijs):
        return unchanged(state)
    return accept(state, overdracht, Verklaring(event.aanvaard_op, event.partij), context=context, kader=kader)


def note_overname(
    state: Casus | None, event: MeldpuntmeldingOvergenomen, *, context: Context, kader: Kader
) -> Outcome[Casus]:
    """A party took the meldpuntmelding over at triage: its own offer is accepted, every other one ends."""
    if state is None:
        return unchanged(state)
    asked = (item for item in state.overdrachten if item.is_gevraagd and not item.is_over)
    own = next((item for item in asked if item.ontvanger == event.door), None)
    if own is not None:
        return accept(state, own, Verklaring(event.overgenomen_op, event.door), context=context, kader=kader)
    ended = end(Decision(state), open_offers(state), door=event.door, context=context, kader=kader)
    return ended if ended.events else unchanged(state)


def _new(casus: Casus, event: ZorgAangeboden | OvernameAangeboden, *, context: Context, kader: Kader) -> Overdracht:
    try:
        receiver = kader.register.receiver(event.partij, on=local_date(context.now))
    except NietInRegister as error:
        raise Rejected(str(error)) from None
    latest = casus.overdrachten[-1] if casus.overdrachten else None
    made = Overdracht(
        id=event.overdracht_id,
        melding_id=event.melding_id,
        regio=event.regio,
        gemeente=receiver.code if isinstance(receiver, Gemeente) else event.gemeente,
        team=None,
        partij=None if isinstance(receiver, Gemeente) else event.partij,
        soort=Overdrachtsoort.DIRECT,
        kanaal=Kanaal(receiver.endpoint_for(None).soort),
        melding_ontvangen_op=casus.melding_ontvangen_op or event.melding_ontvangen_op,
        aangemaakt_op=context.now,
        uiterlijk_op=context.now,
        document=_document(casus, latest, context),
        opdracht_id=aflevering_id(event.overdracht_id, 1),
        bijlagen=() if latest is None else latest.bijlagen,
        aangeboden_door=event.aangeboden_door,
    )
    return with_link(with_latest_moment(made, kader.afspraken(made), kader), now=context.now, kader=kader)


def _document(casus: Casus, latest: Overdracht | None, context: Context) -> Verzegeld[Overdrachtsdocument]:
    """What the case was handed over with before; else what the meldpunt took in; else no more than the question."""
    if latest is not None:
        return latest.document
    document = Overdrachtsdocument(verwachtingen=GEVRAAGD)
    if casus.meldpuntgegevens is not None:
        gegevens = context.sealer.open(casus.meldpuntgegevens, Meldpuntgegevens)
        anoniem = gegevens.melder.wil_anoniem_blijven
        document = Overdrachtsdocument(
            betrokkenen=gegevens.betrokkenen,
            weergave_melding=gegevens.omschrijving,
            identiteit_melder=None if anoniem else _melder(gegevens),
            verwachtingen=GEVRAAGD,
        )
    return seal(context, document)


def _melder(gegevens: Meldpuntgegevens) -> str | None:
    said = (gegevens.melder.naam, gegevens.melder.functie, gegevens.melder.organisatie)
    return ", ".join(part for part in said if part is not None) or None
