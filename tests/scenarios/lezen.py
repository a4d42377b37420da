"""From a TOML file to a story: every line with its moment, every error with file and line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from contracts.afspraken import RuleBook
from contracts.register import Register
from contracts.toml_plaats import BestandFouten, Fout, Pad, Plaatsen, parse_toml, show_pad
from tests.scenarios.blijkt import BLIJKT
from tests.scenarios.gebeurt import GEBEURT
from tests.scenarios.momenten import GeenMoment, later, read_moment, write_moment
from tests.scenarios.vertelling import Regel, Verhaal
from tests.scenarios.woordenschat import Gelezen, OnbekendeZin, Woordenschat

HOOFD = {"titel", "paragraaf", "regio", "gemeente", "echt", "nog_niet"}
OOK = {"op", "na", "wat", "casus"}


class Soort(StrEnum):
    """The three parts of a story. `gegeven` and `wanneer` are told alike; the difference is for whoever reads."""

    GEGEVEN = "gegeven"
    WANNEER = "wanneer"
    DAN = "dan"


@dataclass(slots=True)
class _Lezer:
    """Reads one file and gathers everything that is wrong in it."""

    bestand: str
    inhoud: Mapping[str, Any]
    plaatsen: Plaatsen
    rule_book: RuleBook
    fouten: list[Fout] = field(default_factory=list[Fout])

    def read(self, register: Register) -> Verhaal:
        self._check_head()
        regels = self._lines()
        gemeente = self._gemeente(register, regels)
        if self.fouten:
            raise BestandFouten(self.fouten)
        return Verhaal(
            bestand=self.bestand,
            titel=self.inhoud["titel"],
            paragraaf=self.inhoud["paragraaf"],
            regio=self.inhoud["regio"],
            gemeente=gemeente,
            regels=tuple(regels),
            echt=self.inhoud.get("echt", False),
            nog_niet=self.inhoud.get("nog_niet"),
        )

    def complain(self, pad: Pad, melding: str) -> None:
        self.fouten.append(Fout(self.bestand, self.plaatsen.regel(pad), show_pad(pad), melding))

    def _check_head(self) -> None:
        parts = {soort.value for soort in Soort}
        for name in ("titel", "paragraaf", "regio", "gemeente"):
            if not isinstance(self.inhoud.get(name), str):
                self.complain((name,), "ontbreekt")
        for name in self.inhoud.keys() - HOOFD - parts:
            self.complain((name,), f"onbekend; een verhaal heeft {', '.join(sorted(HOOFD | parts))}")
        for name, soort in (("echt", bool), ("nog_niet", str)):
            if not isinstance(self.inhoud.get(name, soort()), soort):
                self.complain((name,), "moet true of false zijn" if soort is bool else "moet een tekst zijn: waarom")
        for soort in Soort:
            if (soort in self.inhoud or soort is not Soort.GEGEVEN) and not self._tables(soort):
                self.complain((soort.value,), f"ontbreekt; een verhaal heeft minstens één [[{soort}]]")

    def _tables(self, soort: Soort) -> list[Mapping[str, Any]]:
        """The lines of this part; none where it was written in another way."""
        part = self.inhoud.get(soort)
        return part if isinstance(part, list) and all(isinstance(line, dict) for line in part) else []

    def _lines(self) -> list[Regel]:
        """Every line in the order of the file, whichever part it is in."""
        found = [
            (self.plaatsen.regel((soort.value, index)), soort, index)
            for soort in Soort
            for index, _ in enumerate(self._tables(soort))
        ]
        regels: list[Regel] = []
        now: datetime | None = None
        for _, soort, index in sorted(found):
            regel = self._line(soort, index, now)
            if regel is not None:
                regels.append(regel)
                now = regel.moment
        return regels

    def _line(self, soort: Soort, index: int, now: datetime | None) -> Regel | None:
        pad, table = (soort.value, index), self._tables(soort)[index]
        asked = self._moment(pad, table, now)
        gelezen = self._sentence(pad, table, soort)
        if asked is None or gelezen is None:
            return None
        looks_back = now is not None and asked < now
        if looks_back and "terug" not in gelezen.zin.velden:
            self.complain((*pad, "op"), f"ligt voor de vorige regel ({write_moment(now or asked)})")
            return None
        return Regel(
            moment=now if looks_back and now is not None else asked,
            gevraagd_op=asked,
            wat=table["wat"],
            doe=gelezen.zin.doe,
            gaten=gelezen.gaten,
            velden={key: value for key, value in table.items() if key not in OOK},
            casus=str(table.get("casus", "")),
            plaats=f"{self.bestand}:{self.plaatsen.regel(pad)}",
            blijkt=soort is Soort.DAN,
        )

    def _moment(self, pad: Pad, table: Mapping[str, Any], now: datetime | None) -> datetime | None:
        try:
            if "op" in table and "na" in table:
                raise GeenMoment("kies: op of na, niet allebei")
            if not isinstance(table.get("op", table.get("na", "")), str):
                raise GeenMoment('moet een tekst zijn, zoals "ma 2 maart 2026 09:00" of "2 dagen"')
            if "op" in table:
                return read_moment(table["op"]).astimezone(UTC)
            if now is None:
                raise GeenMoment("de eerste regel van een verhaal zegt wanneer die is: op = ...")
            return later(now, table["na"], self.rule_book.kalender).astimezone(UTC) if "na" in table else now
        except GeenMoment as error:
            self.complain((*pad, "na" if "na" in table else "op"), str(error))
            return None

    def _sentence(self, pad: Pad, table: Mapping[str, Any], soort: Soort) -> Gelezen[Any] | None:
        words: Woordenschat[Callable[..., Any]] = BLIJKT if soort is Soort.DAN else GEBEURT
        if not isinstance(table.get("wat"), str):
            self.complain((*pad, "wat"), "ontbreekt: wat gebeurt er, of wat blijkt?")
            return None
        try:
            gelezen = words.read(table["wat"])
        except OnbekendeZin as error:
            self.complain((*pad, "wat"), str(error))
            return None
        known = gelezen.zin.velden - {"terug"}
        for name in table.keys() - OOK - known:
            self.complain((*pad, name), f"onbekend bij deze zin; die kent {', '.join(sorted(known)) or 'geen velden'}")
        return gelezen

    def _gemeente(self, register: Register, regels: list[Regel]) -> str:
        """The code of the gemeente by its name, as the register has it at the start of the story."""
        name = self.inhoud.get("gemeente")
        if not regels:
            return ""
        found = [item.code for item in register.gemeenten(regels[0].moment.date()) if item.naam == name]
        if not found:
            self.complain(("gemeente",), f"{name!r} staat niet in het register")
            return ""
        return found[0]


def read_verhaal(text: str, *, bestand: str, rule_book: RuleBook, register: Register) -> Verhaal:
    """The story in a text. Raises `BestandFouten` with everything that is wrong, each with its line."""
    inhoud, plaatsen = parse_toml(text, bestand=bestand)
    return _Lezer(bestand, inhoud, plaatsen, rule_book).read(register)


def read_map(
    folder: Path, *, rule_book: RuleBook, register: Register
) -> tuple[tuple[Verhaal, ...], Mapping[str, BestandFouten]]:
    """Every story below a folder, in the order of their names; and what is wrong with the others, by file."""
    found: list[Verhaal] = []
    broken: dict[str, BestandFouten] = {}
    for path in sorted(folder.rglob("*.toml")):
        bestand = path.relative_to(folder).as_posix()
        try:
            text = _decode(path.read_bytes(), bestand)
            found.append(read_verhaal(text, bestand=bestand, rule_book=rule_book, register=register))
        except BestandFouten as error:
            broken[bestand] = error
    return tuple(found), broken


def _decode(raw: bytes, bestand: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BestandFouten([Fout(bestand, line, "", "is geen UTF-8; bewaar het bestand opnieuw als UTF-8")]) from None
