"""What a register leaves undone though it is right in itself: roles that nobody fills, and what a change takes away."""

from collections.abc import Iterator
from datetime import date

from contracts.afspraken import GeenAfspraken, Kalender, RuleBook, Trede
from contracts.register.bereik import receiver_of
from contracts.register.gaten import find_gaten
from contracts.register.keuze import missing_roles
from contracts.register.model import Gemeente, Partij
from contracts.register.register import NietInRegister, Register


def find_bezwaren(old: Register, new: Register, rule_book: RuleBook, *, on: date) -> tuple[str, ...]:
    """What the new register would take away of what the old one has: a sentence each, in Dutch.

    A receiver of cases that is gone, a rung of a ladder that finds nobody any more, an organisation without people.
    What was lacking before is no objection to a change.
    """
    lacking, holes = frozenset(unfilled_roles(old, rule_book, on=on)), frozenset(_holes(old, rule_book, on=on))
    return (
        *_gone(old, new),
        *_left_alone(old, new, on),
        *(sentence for sentence in unfilled_roles(new, rule_book, on=on) if sentence not in lacking),
        *(sentence for sentence in _holes(new, rule_book, on=on) if sentence not in holes),
    )


def _holes(register: Register, rule_book: RuleBook, *, on: date) -> Iterator[str]:
    return (str(gat) for gat in find_gaten(register, rule_book.kalender, on=on))


def _gone(old: Register, new: Register) -> Iterator[str]:
    """Who is known can be in an open case; a gemeente ends by its `geldig_tot`, and its cases go on with an `opvolger`."""
    for code in old.tabellen.gemeenten:
        if not new.knows(code):
            yield (
                f"gemeente {old.naam(code)} ({code}) verdwijnt: casussen die daar liggen hebben dan geen ontvanger meer;"
                " geef geldig_tot en zo nodig een opvolger"
            )
    for code, partij in old.tabellen.partijen.items():
        if not new.knows(code):
            yield f"partij {partij.naam} ({code}) verdwijnt: casussen die daar liggen hebben dan geen ontvanger meer"
        elif partij.endpoint is not None and new.partij(code).endpoint is None:
            yield f"partij {partij.naam} ({code}) heeft geen endpoint meer: wat voor haar onderweg is komt niet aan"


def _left_alone(old: Register, new: Register, on: date) -> Iterator[str]:
    """An organisation of which nobody works with the hub any more."""
    peopled = {organisatie.code for organisatie in _organisaties(old, on) if organisatie.rollen}
    for organisatie in _organisaties(new, on):
        if organisatie.code in peopled and not organisatie.rollen:
            yield f"{organisatie.naam} ({organisatie.code}) heeft niemand meer in een rol"


def _organisaties(register: Register, on: date) -> Iterator[Gemeente | Partij]:
    yield from register.gemeenten(on)
    yield from register.partijen()


def unfilled_roles(register: Register, rule_book: RuleBook, *, on: date) -> tuple[str, ...]:
    """Which rungs of the agreed ladders would find nobody on a day: a sentence for each party and role."""
    found: dict[str, None] = {}
    for gemeente in register.gemeenten(on):
        try:
            afspraken = rule_book.for_case(regio=gemeente.regio, gemeente=gemeente.code, on=on)
        except GeenAfspraken as error:
            found[str(error)] = None
            continue
        for trede in (trede for ladder in afspraken.ladders for trede in ladder.treden):
            found |= dict.fromkeys(_unfilled(register, gemeente, trede, rule_book.kalender, on=on))
    return tuple(found)


def _unfilled(register: Register, gemeente: Gemeente, trede: Trede, kalender: Kalender, *, on: date) -> list[str]:
    try:
        partij = receiver_of(register, gemeente, trede.bij)
    except NietInRegister as error:
        return [str(error)]
    return [str(missing) for missing in missing_roles(register, [trede.rol.value], kalender, on=on, partijen=[partij])]
