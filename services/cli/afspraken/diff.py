"""What differs between two agreements, rule by rule, with both sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from contracts.afspraken.model import KINDS, Bron, Feestdag, GelijkgesteldeDagen, Regel, VerlengingsRegel
from contracts.afspraken.zinnen import join
from services.cli.afspraken.beschrijving import describe, write_bron

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from contracts.afspraken.model import Lidgemeente
    from contracts.afspraken.rule_book import Afspraken

_NO_AGREEMENT = (Feestdag, GelijkgesteldeDagen, VerlengingsRegel)
_NOT_COMPARED = {"id", "label", "geldig_van", "geldig_tot", "bron", "lezing", "waarschuw_lezing"}


@dataclass(frozen=True, slots=True)
class Verschil:
    """One rule that is not the same on both sides; one of the two may be missing.

    `velden` gives name and both values of each field that differs; rungs and moments stay empty, their sentences tell.
    """

    soort: str
    regel_id: str
    een: Regel | None
    ander: Regel | None
    velden: tuple[tuple[str, str, str], ...] = ()


def diff_afspraken(een: Afspraken, ander: Afspraken) -> tuple[Verschil, ...]:
    """Compare what holds on both sides, national norms included.

    A rule differs when its effect differs, not its wording. Ids that differ for what is the same subject show as one
    rule that is gone and one that is new.
    """
    return tuple(
        verschil
        for soort, kind in KINDS.items()
        if kind not in _NO_AGREEMENT
        for verschil in _diff_kind(soort, _by_id(een, kind), _by_id(ander, kind))
    )


def _by_id(afspraken: Afspraken, kind: type[Regel]) -> dict[str, Regel]:
    return {regel.id: regel for regel in afspraken.of_kind(kind)}


def _diff_kind(soort: str, een: Mapping[str, Regel], ander: Mapping[str, Regel]) -> list[Verschil]:
    found: list[Verschil] = []
    for regel_id in (*een, *(new for new in ander if new not in een)):
        links, rechts = een.get(regel_id), ander.get(regel_id)
        velden = _diff_velden(links, rechts) if links is not None and rechts is not None else ()
        if velden or links is None or rechts is None:
            found.append(Verschil(soort, regel_id, links, rechts, velden))
    return found


def _diff_velden(een: Regel, ander: Regel) -> tuple[tuple[str, str, str], ...]:
    links, rechts = een.model_dump(mode="json"), ander.model_dump(mode="json")
    return tuple(
        (veld, _write(links[veld]), _write(rechts[veld]))
        for veld in links
        if veld not in _NOT_COMPARED and links[veld] != rechts[veld]
    )


def _write(value: object) -> str:
    match value:
        case None:
            return "geen"
        case bool():
            return "ja" if value else "nee"
        case list():
            items = cast("list[object]", value)
            return "" if any(isinstance(item, dict) for item in items) else ", ".join(map(_write, items)) or "geen"
        case dict():
            filled = cast("dict[str, object]", value)
            return "; ".join(f"{name} {_write(item)}" for name, item in filled.items() if item is not None)
        case _:
            return str(value)


@dataclass(frozen=True, slots=True)
class Zijde:
    """One side of a comparison: what it was asked by, what was agreed, and by which gemeenten."""

    naam: str
    afspraken: Afspraken
    gemeenten: tuple[Lidgemeente, ...]


def compare(een: Zijde, ander: Zijde) -> str:
    """Write every difference in Dutch: which gemeenten came or left, and each rule with the sentence of both sides."""
    verschillen = diff_afspraken(een.afspraken, ander.afspraken)
    lines = [f"Verschillen tussen {een.naam} en {ander.naam}: {len(verschillen)}", *_leden(een, ander)]
    for verschil in verschillen:
        lines += ["", f"{verschil.soort.replace('_', ' ')} {verschil.regel_id}"]
        lines += [f"  {veld}: {links} → {rechts}" for veld, links, rechts in verschil.velden if links or rechts]
        lines += _write_side(een.naam, verschil.een)
        lines += _write_side(ander.naam, verschil.ander)
    return "\n".join(lines) + "\n"


def _leden(een: Zijde, ander: Zijde) -> Iterable[str]:
    """Which gemeenten take part on one side only; two regions share none, and that goes without saying."""
    if een.afspraken.regio != ander.afspraken.regio:
        return
    for side, other in ((een, ander), (ander, een)):
        codes = {lid.code for lid in other.gemeenten}
        if only := [lid.naam for lid in side.gemeenten if lid.code not in codes]:
            yield f"Gemeenten die alleen meedoen aan {side.naam}: {join(only)}"


def _write_side(naam: str, regel: Regel | None) -> list[str]:
    if regel is None:
        return [f"  {naam}: niet afgesproken"]
    source = regel.herkomst if regel.is_vangnet else f"{_quote(regel.bron)} ({write_bron(regel)})"
    return [f"  {naam}: {describe(regel)}", f"    {source}"]


def _quote(bron: Bron) -> str:
    return f"“{bron.citaat}”"
