"""What an organisation says of one of its people, and what that makes of the tables of its people and their roles."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from contracts.afspraken.ankers import Rol
from contracts.messages.notifier import Doelgroep, Notificatiekanaal
from contracts.register.bewerken import Mensen, Tabel
from contracts.register.model import Mens
from contracts.register.velden import Strikt, Teamcode

GEDEELDE_VELDEN = tuple(kanaal.veld for kanaal in Notificatiekanaal if kanaal.vorm.gedeeld)
"""The fields of a person that hold where a secret address is, such as that of a channel of a team."""
Rolplek = tuple[str, str | None, str]
"""A role, of which team, and for whom."""


class RolInvoer(Strikt):
    """Een rol van iemand, en waarvoor."""

    rol: Rol
    team: Teamcode | None = None
    doelgroep: Doelgroep = Doelgroep.ALLE

    @property
    def plek(self) -> Rolplek:
        return self.rol.value, self.team, self.doelgroep.value


class PersoonInvoer(Mens):
    """Iemand van de eigen organisatie."""

    rollen: tuple[RolInvoer, ...] = ()


def rollen_of(mensen: Mensen, naam: str) -> Sequence[Tabel]:
    """The roles of somebody, as they are filled in."""
    return [
        {"rol": rol, "team": team, "doelgroep": doelgroep}
        for table in mensen.rollen
        if table is not None and naam in table["personen"]
        for rol, team, doelgroep in [_plek(table)]
    ]


def with_persoon(mensen: Mensen, naam: str | None, invoer: PersoonInvoer | None) -> Mensen:
    """These people with whoever is called `naam` as `invoer` says, or without them; a new one where there is no name.

    A new name goes wherever the old one stood; who is gone replaces nobody any more.
    """
    new = None if invoer is None else invoer.naam
    names = [table["naam"] for table in mensen.personen if table is not None]
    personen = [_renamed(table, naam, new) for table in mensen.personen if table is not None]
    where = names.index(naam) if naam is not None else len(names)
    written: list[Tabel | None] = [*personen]
    before: Tabel = personen[where] if where < len(personen) else {}
    written[where : where + 1] = [None if invoer is None else _tabel(invoer, before)]
    plekken = [] if invoer is None else [rol.plek for rol in invoer.rollen]
    return Mensen(written, [*_rollen(mensen, naam, new, plekken)])


def _rollen(mensen: Mensen, naam: str | None, new: str | None, plekken: Collection[Rolplek]) -> Iterator[Tabel | None]:
    """The tables in their place, changed where the person comes or goes; one that nobody is left in is taken out."""
    found: set[Rolplek] = set()
    for table in mensen.rollen:
        assert table is not None
        plek, there = _plek(table), list[str](table["personen"])
        if new is not None and plek in plekken and plek not in found:
            found.add(plek)
            names = [new if name == naam else name for name in there]
            names = names if new in names else [*names, new]
        else:
            names = [name for name in there if name != naam]
        yield {**table, "personen": names} if names else None
    for plek in dict.fromkeys(plekken):
        if new is not None and plek not in found:
            rol, team, doelgroep = plek
            limits = {"team": team, "doelgroep": None if doelgroep == Doelgroep.ALLE else doelgroep}
            yield {"rol": rol, "personen": [new], **{key: value for key, value in limits.items() if value is not None}}


def _plek(table: Tabel) -> Rolplek:
    return table["rol"], table.get("team"), table.get("doelgroep", Doelgroep.ALLE.value)


def _renamed(table: Tabel, naam: str | None, new: str | None) -> Tabel:
    """Somebody else, whom this person may replace."""
    if naam is None or table.get("vervanger") != naam:
        return table
    return {**table, "vervanger": new} if new else {key: item for key, item in table.items() if key != "vervanger"}


def _tabel(invoer: PersoonInvoer, before: Tabel) -> dict[str, Any]:
    """What is said of the person now, and what stood there that an organisation is not asked."""
    written = invoer.model_dump(exclude_none=True, exclude={"rollen"})
    written["afwezig"] = [dict(away) for away in written["afwezig"]]
    order = ("naam", *(kanaal.veld for kanaal in Notificatiekanaal), "aanmeldnaam", "vervanger", "afwezig")
    kept = {key: item for key, item in before.items() if key not in PersoonInvoer.model_fields}
    return {key: written[key] for key in order if written.get(key)} | kept
