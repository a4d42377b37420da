"""The triageadvies: what the contra-indicaties of a region say about the facts of a melding. Advice; people decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.afspraken.feiten import Triagefeit
from contracts.afspraken.model import Uitkomst

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contracts.afspraken.model import Bron, ContraIndicatie, Regel
    from contracts.afspraken.rule_book import Afspraken


_GLOSSARY = {str(feit): feit for feit in Triagefeit}


class OnbekendFeit(ValueError):
    """A fact that is not in the glossary; the message names it."""


@dataclass(frozen=True, slots=True)
class Reden:
    """One rule that led to the advice, its source, and the facts it looked at and found true."""

    regel_id: str
    label: str
    bron: Bron
    feiten: tuple[Triagefeit, ...] = ()
    lezing: str | None = None


@dataclass(frozen=True, slots=True)
class TeBeoordelen:
    """A conclusion that only professionals can draw: the fact they should record, the question, and why it is asked."""

    regel_id: str
    label: str
    bron: Bron
    feiten: tuple[Triagefeit, ...]
    oordeel: Triagefeit
    vraag: str


@dataclass(frozen=True, slots=True)
class Triageadvies:
    """The advice with everything that led to it. `redenen` is never empty."""

    uitkomst: Uitkomst
    redenen: tuple[Reden, ...]
    te_beoordelen: tuple[TeBeoordelen, ...] = ()


def evaluate_triage(afspraken: Afspraken, feiten: Mapping[str, bool | None]) -> Triageadvies:
    """Advise on a melding by the contra-indicaties of its region (MB 4 and 4.1).

    `feiten` maps names of the glossary to true, false or None (not known; so is a name that is absent). What is not
    known triggers nothing, and cancels nothing either. As long as a conclusion of professionals is missing the advice
    is `overleg` at best. Raises `OnbekendFeit`.
    """
    known = _read(feiten)
    firing: list[tuple[Uitkomst, Reden]] = []
    asked: list[TeBeoordelen] = []
    for regel in afspraken.contra_indicaties:
        true_facts = _match(regel, known)
        if true_facts is None:
            continue
        if regel.oordeel is None:
            firing.append((regel.uitkomst, _reden(regel, true_facts)))
        elif known.get(regel.oordeel) is None:
            asked.append(_question(regel, true_facts))
        elif known[regel.oordeel]:
            firing.append((regel.uitkomst, _reden(regel, (*true_facts, regel.oordeel))))
    return _weigh(afspraken, firing, tuple(asked))


def _weigh(afspraken: Afspraken, firing: list[tuple[Uitkomst, Reden]], asked: tuple[TeBeoordelen, ...]) -> Triageadvies:
    """Take the weightiest outcome that a rule or an open question asks for, else the uitgangspunt."""
    wanted = {uitkomst for uitkomst, _ in firing}
    if asked:
        wanted.add(Uitkomst.OVERLEG)
    if not wanted:
        return Triageadvies(afspraken.uitgangspunt.uitkomst, (_reden(afspraken.uitgangspunt),))
    uitkomst = next(candidate for candidate in Uitkomst if candidate in wanted)
    redenen = tuple(reden for _, reden in firing)
    from_questions = tuple(Reden(q.regel_id, q.label, q.bron, q.feiten) for q in asked)
    return Triageadvies(uitkomst, redenen or from_questions, asked)


def _read(feiten: Mapping[str, bool | None]) -> dict[Triagefeit, bool | None]:
    unknown = sorted(str(name) for name in feiten if name not in _GLOSSARY)
    if unknown:
        raise OnbekendFeit(f"onbekend feit: {', '.join(unknown)}")
    return {_GLOSSARY[name]: value for name, value in feiten.items()}


def _match(regel: ContraIndicatie, known: Mapping[Triagefeit, bool | None]) -> tuple[Triagefeit, ...] | None:
    """Give the facts that make the rule true, or None where it is not."""
    if not all(known.get(feit) for feit in regel.alle_van) or any(known.get(feit) for feit in regel.tenzij):
        return None
    one_of = tuple(feit for feit in regel.een_van if known.get(feit))
    if regel.een_van and not one_of:
        return None
    return (*regel.alle_van, *one_of)


def _reden(regel: Regel, feiten: Iterable[Triagefeit] = ()) -> Reden:
    return Reden(regel.id, regel.label, regel.bron, tuple(feiten), regel.lezing)


def _question(regel: ContraIndicatie, feiten: tuple[Triagefeit, ...]) -> TeBeoordelen:
    assert regel.oordeel is not None
    assert regel.vraag is not None
    return TeBeoordelen(regel.id, regel.label, regel.bron, feiten, regel.oordeel, regel.vraag)
