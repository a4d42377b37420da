"""What a party failed over all its cases: counting it, taking it back, and a signal about it that people draft (FS, MB 6.2)."""

from collections.abc import Iterator

from contracts.afspraken import GeenAfspraken, StructureelSignaal, local_date
from contracts.messages.envelope import Problem
from contracts.messages.identifiers import short_reference
from contracts.rechten import Daad, Relatie, may
from services.monitoring.domain import Toezicht, signalen
from services.monitoring.domain.signalen import Partijmissers
from services.monitoring.handlers.commands import (
    GeefSignaalAf,
    NoteerAntwoord,
    StelSignaalOp,
    StreepMisserDoor,
    TelMisser,
)
from services.monitoring.handlers.werkbank import Werkbank, conflict, who
from services.runtime.unit.decision import Context, Decision, Forward, JournalLine, JsonObject, Outcome, Refused
from services.runtime.unit.frozen import replace


def count_misser(bank: Werkbank, toezicht: Toezicht, command: TelMisser, context: Context) -> Outcome[Toezicht]:
    """One more; as often as the region has agreed makes a signal, by the agreements of today."""
    misser = command.misser
    known = toezicht.partij or Partijmissers(misser.regio, misser.gemeente, misser.drager)
    on = local_date(context.now)
    try:
        afspraken = bank.afspraken(misser.regio, misser.gemeente, on)
    except GeenAfspraken:
        return Decision(replace(toezicht, partij=known))
    regel = signalen.signal_rule(afspraken, misser.drager)
    if regel is None:
        return Decision(replace(toezicht, partij=known))
    drempel = signalen.threshold(afspraken)
    counted = signalen.count(known, misser, afspraken, drempel)
    if not signalen.is_repeated(counted, drempel):
        return Decision(replace(toezicht, partij=counted))
    signal = GeefSignaalAf(misser, len(counted.missers), min(counted.missers.values()), tuple(counted.bewijs.values()))
    after = signalen.signalled(counted, misser.op)
    signal_id = signalen.signal_id(context.casus_id, after.signalen)
    facts: JsonObject = {"aantal": signal.aantal, "sinds": signal.sinds.isoformat(), "signaal": str(signal_id)}
    return Decision(
        replace(toezicht, partij=after),
        journal=(JournalLine("structureel signaal: zo vaak niet gehaald", drempel.id, afspraken.versie, facts),),
        forwards=(Forward(signal_id, signal),),
    )


def strike_misser(toezicht: Toezicht, command: StreepMisserDoor, context: Context) -> Outcome[Toezicht]:
    """It was kept after all. A signal that was given stays given; one that is still a draft rests on it no more."""
    if toezicht.partij is None:
        return Decision(toezicht)
    partij, termijn_id = toezicht.partij, command.misser.termijn_id
    struck = replace(toezicht, partij=signalen.without(partij, termijn_id))
    number = partij.gemeld.get(termijn_id, partij.signalen)
    if number == 0:
        return Decision(struck)
    return Decision(struck, forwards=(Forward(signalen.signal_id(context.casus_id, number), command),))


def note_antwoord(toezicht: Toezicht, command: NoteerAntwoord, context: Context) -> Outcome[Toezicht]:
    """The gemeente answered: what this signal rested on may be told again, and from here it counts anew."""
    partij = toezicht.partij
    if partij is None:
        return Decision(toezicht)
    numbers = range(1, partij.signalen + 1)
    number = next((n for n in numbers if signalen.signal_id(context.casus_id, n) == command.signaal), None)
    return Decision(replace(toezicht, partij=signalen.ended(partij, number)))


def compose_signaal(bank: Werkbank, toezicht: Toezicht, command: StelSignaalOp, context: Context) -> Outcome[Toezicht]:
    """A person of the party that informs drafts a signal itself: each case of not carrying out may be told (FS, MB 6.2)."""
    partij = toezicht.partij or Partijmissers(command.regio, command.gemeente, command.over)
    try:
        afspraken = bank.afspraken(command.regio, command.gemeente, local_date(context.now))
    except GeenAfspraken:
        return _not_theirs()
    regel = signalen.signal_rule(afspraken, command.over)
    if regel is None or not may(Daad.SIGNAAL_OPSTELLEN, _relaties(bank, command, regel, context)):
        return _not_theirs()
    bewijs = {misser.termijn_id: misser for geval in command.gevallen for misser in geval.missers}
    if problems := [*_in_the_way(command, partij)]:
        return conflict(*problems)
    missers = tuple(bewijs.values())
    after = signalen.reported(partij, bewijs.keys())
    signal_id = signalen.signal_id(context.casus_id, after.signalen)
    sinds = min(misser.op for misser in missers)
    signal = GeefSignaalAf(missers[0], len(missers), sinds, missers, command.door, command.toelichting)
    over = bank.partijen.code(command.over, regio=command.regio, gemeente=command.gemeente)
    facts: JsonObject = {"aantal": signal.aantal, "door": who(command.door, context), "signaal": str(signal_id)}
    return Decision(
        replace(toezicht, partij=after),
        journal=(JournalLine("structureel signaal opgesteld door mensen", regel.id, afspraken.versie, facts),),
        forwards=(Forward(signal_id, signal),),
        answer={"id": str(signal_id), "over": over, "afgegevenOp": None, "maatregel": None, "beantwoordOp": None},
    )


def _relaties(
    bank: Werkbank, command: StelSignaalOp, regel: StructureelSignaal, context: Context
) -> frozenset[Relatie]:
    """How who acts stands to a signal about this party, which does not exist yet."""
    teller = signalen.informs(regel, command.over)
    code = bank.partijen.code(teller, regio=command.regio, gemeente=command.gemeente)
    return frozenset({Relatie.INFORMEERT} if code in bank.codes(context) else ())


def _not_theirs() -> Refused:
    """Who asks may read these cases; the sentence names another to tell of them."""
    problem = Problem("over", "over deze partij informeert uw organisatie de gemeente niet")
    return Refused(403, "Niet aan u", (problem,), code="niet-aan-u")


def _in_the_way(command: StelSignaalOp, partij: Partijmissers) -> Iterator[str]:
    for geval in command.gevallen:
        casus = short_reference(geval.casus_id)
        if not geval.missers:
            yield f"in casus {casus} miste deze partij geen termijn die is afgesproken"
        elif any(misser.termijn_id in partij.gemeld for misser in geval.missers):
            yield f"casus {casus} staat al in een signaal dat nog niet is beantwoord"
