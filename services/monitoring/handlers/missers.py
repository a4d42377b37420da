"""What a party failed over all its cases: counting it, taking it back, and a signal about it that people draft (FS, MB 6.2)."""

from collections.abc import Iterator
from uuid import UUID

from contracts.afspraken import GeenAfspraken, StructureelSignaal, local_date
from contracts.messages.identifiers import short_reference
from contracts.rechten import Daad, Relatie, may
from services.monitoring.domain import signalen
from services.monitoring.domain.antwoord import conflict, not_theirs
from services.monitoring.domain.signalen import Misser, Partijmissers
from services.monitoring.domain.toestand import Toezicht
from services.monitoring.handlers.commands import ComposeSignaal, DraftSignaal, StrikeMisser
from services.monitoring.handlers.kader import Kader, who
from services.runtime.unit.decision import Context, Decision, Forward, JournalLine, JsonObject, Outcome
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import unchanged

_NOT_THEIRS = "over deze partij informeert uw organisatie de gemeente niet"
"""Who asks may read these cases; the sentence names another to tell of them."""


def count_misser(toezicht: Toezicht, misser: Misser, *, context: Context, kader: Kader) -> Outcome[Toezicht]:
    """One more; as often as the region has agreed makes a signal, by the agreements of today."""
    partij = toezicht.partij or Partijmissers(misser.regio, misser.gemeente, misser.drager)
    on = local_date(context.now)
    try:
        afspraken = kader.afspraken(misser.regio, misser.gemeente, on)
    except GeenAfspraken:
        return Decision(replace(toezicht, partij=partij))
    regel = signalen.signal_rule(afspraken, misser.drager)
    if regel is None:
        return Decision(replace(toezicht, partij=partij))
    drempel = signalen.threshold(afspraken)
    counted = signalen.count(partij, misser, afspraken, drempel)
    if not signalen.is_repeated(counted, drempel):
        return Decision(replace(toezicht, partij=counted))
    draft = DraftSignaal(misser, len(counted.missers), min(counted.missers.values()), tuple(counted.bewijs.values()))
    after = signalen.signalled(counted, misser.op)
    signal_id = signalen.signal_id(context.casus_id, after.signalen)
    facts: JsonObject = {"aantal": draft.aantal, "sinds": draft.sinds.isoformat(), "signaal": str(signal_id)}
    return Decision(
        replace(toezicht, partij=after),
        journal=(JournalLine("structureel signaal: zo vaak niet gehaald", drempel.id, afspraken.versie, facts),),
        forwards=(Forward(signal_id, draft),),
    )


def strike_misser(toezicht: Toezicht, misser: Misser, *, context: Context) -> Outcome[Toezicht]:
    """It was kept after all. A signal that was given stays given; one that is still a draft rests on it no more."""
    if toezicht.partij is None:
        return unchanged(toezicht)
    partij, termijn_id = toezicht.partij, misser.termijn_id
    struck = replace(toezicht, partij=signalen.without(partij, termijn_id))
    number = partij.gemeld.get(termijn_id, partij.signalen)
    if number == 0:
        return Decision(struck)
    return Decision(struck, forwards=(Forward(signalen.signal_id(context.casus_id, number), StrikeMisser(misser)),))


def note_antwoord(toezicht: Toezicht, signaal_id: UUID, *, context: Context) -> Outcome[Toezicht]:
    """The gemeente answered: what this signal rested on may be told again, and from here it counts anew."""
    partij = toezicht.partij
    if partij is None:
        return unchanged(toezicht)
    numbers = range(1, partij.signalen + 1)
    number = next((n for n in numbers if signalen.signal_id(context.casus_id, n) == signaal_id), None)
    return Decision(replace(toezicht, partij=signalen.ended(partij, number)))


def compose_signaal(
    toezicht: Toezicht, command: ComposeSignaal, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """A person of the party that informs drafts a signal itself: each case of not carrying out may be told (FS, MB 6.2)."""
    over = command.invoer.over
    partij = toezicht.partij or Partijmissers(command.regio, command.gemeente, over)
    try:
        afspraken = kader.afspraken(command.regio, command.gemeente, local_date(context.now))
    except GeenAfspraken:
        return not_theirs(_NOT_THEIRS, place="over")
    regel = signalen.signal_rule(afspraken, over)
    if regel is None or not may(
        Daad.SIGNAAL_OPSTELLEN, _relaties(command, regel, context=context, kader=kader), context.actor.rollen
    ):
        return not_theirs(_NOT_THEIRS, place="over")
    bewijs = {misser.termijn_id: misser for geval in command.gevallen for misser in geval.missers}
    if problems := [*_in_the_way(command, partij)]:
        return conflict(*problems)
    missers = tuple(bewijs.values())
    after = signalen.reported(partij, bewijs.keys())
    signal_id = signalen.signal_id(context.casus_id, after.signalen)
    sinds = min(misser.op for misser in missers)
    draft = DraftSignaal(missers[0], len(missers), sinds, missers, command.invoer.door, command.invoer.toelichting)
    code = kader.partijen.code(over, regio=command.regio, gemeente=command.gemeente)
    facts: JsonObject = {"aantal": draft.aantal, "door": who(command.invoer.door, context), "signaal": str(signal_id)}
    return Decision(
        replace(toezicht, partij=after),
        journal=(JournalLine("structureel signaal opgesteld door mensen", regel.id, afspraken.versie, facts),),
        forwards=(Forward(signal_id, draft),),
        answer={"id": str(signal_id), "over": code, "afgegevenOp": None, "maatregel": None, "beantwoordOp": None},
    )


def _relaties(
    command: ComposeSignaal, regel: StructureelSignaal, *, context: Context, kader: Kader
) -> frozenset[Relatie]:
    """How who acts stands to a signal about this party, which does not exist yet."""
    teller = signalen.informs(regel, command.invoer.over)
    code = kader.partijen.code(teller, regio=command.regio, gemeente=command.gemeente)
    return frozenset({Relatie.INFORMEERT} if code in kader.codes(context) else ())


def _in_the_way(command: ComposeSignaal, partij: Partijmissers) -> Iterator[str]:
    for geval in command.gevallen:
        casus = short_reference(geval.casus_id)
        if not geval.missers:
            yield f"in casus {casus} miste deze partij geen termijn die is afgesproken"
        elif any(misser.termijn_id in partij.gemeld for misser in geval.missers):
            yield f"casus {casus} staat al in een signaal dat nog niet is beantwoord"
