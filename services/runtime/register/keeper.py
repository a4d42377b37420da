"""The register of this process: follows the versions and, where that is the source, the file; changes it for whoever asks.

A version holds when its whole check passes. What does not pass changes nothing and is told with its place.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import structlog

from contracts.afspraken import RuleBook, local_date
from contracts.register import Register, RegisterNu, parse_register
from contracts.register.wijziging import find_bezwaren
from contracts.toml_plaats import BestandFouten, Fout
from services.runtime.database.connection import Connection
from services.runtime.database.signals import listen, wait_for
from services.runtime.process.clock import Klok
from services.runtime.process.probing import Finding
from services.runtime.register.versions import (
    Bron,
    Change,
    ChangedMeanwhile,
    Versie,
    add_version,
    fingerprint_of,
    latest_number,
    latest_version,
    number_with,
)

log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
"""How soon a change is seen by who missed the signal, and how often the file is looked at."""
FIRST = "Hiermee begon Houvast."
FROM_FILE = "Het bestand is gewijzigd."


class FileHolds(Exception):
    """The file is the source of this register: what is to change, is changed there. `str()` says so in Dutch."""


class Bezwaren(Exception):
    """The register is right in itself, and the change would leave somebody without what they need: a sentence each."""

    def __init__(self, zinnen: Sequence[str]) -> None:
        super().__init__("\n".join(zinnen))
        self.zinnen = tuple(zinnen)


@dataclass(frozen=True, slots=True)
class Follow:
    """Where the register comes from. `file` is the first version, and with `holds` every later one too.

    `variables` fill `{name}` in web addresses.
    """

    file: Path
    holds: bool
    variables: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the newest text is not the register: what is wrong with it, at its place, or what it would leave undone."""

    what: str
    fouten: tuple[Fout, ...] = ()
    bezwaren: tuple[str, ...] = ()


class RegisterKeeper:
    """What holds now in this process (`register`, `versie`), and `trouble` with what does not. Call `begin` first."""

    def __init__(self, pool: Connection, klok: Klok, rule_book: RuleBook, follow: Follow, *, dsn: str) -> None:
        self.register: RegisterNu
        self.versie: Versie
        self.told: Callable[[Register], None] = lambda _: None
        """Is given each register that begins to hold while this process runs."""
        self._pool = pool
        self._klok = klok
        self._rule_book = rule_book
        self._follow = follow
        self._dsn = dsn
        self._changed = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._file_seen: str | None = None
        self._file_trouble: Trouble | None = None
        self._unreadable: int | None = None
        self._version_trouble: Trouble | None = None

    @property
    def pool(self) -> Connection:
        return self._pool

    @property
    def trouble(self) -> Trouble | None:
        return self._version_trouble or self._file_trouble

    @property
    def warnings(self) -> tuple[str, ...]:
        """That not the newest text holds, and which does; nothing where it does."""
        return () if self.trouble is None else (f"{self.trouble.what}; versie {self.versie.nummer} geldt",)

    @property
    def today(self) -> date:
        return local_date(self._klok.now())

    @property
    def locked(self) -> str:
        """Why it is not changed here; empty where it is."""
        if not self._follow.holds:
            return ""
        return f"Deze organisatie houdt het register bij in een bestand ({self._follow.file.name}). Wijzig het daar."

    def parse(self, tekst: str, *, bestand: str = "register") -> Register:
        """Raises `BestandFouten` with everything that is wrong."""
        return parse_register(tekst, bestand=bestand, variabelen=self._follow.variables)

    async def begin(self) -> None:
        """Take the newest version; where there is none, make the file the first. Raises `BestandFouten` then."""
        if await latest_number(self._pool) == 0:
            await self._make_first()
        await self._adopt_newest()
        await self._look_at_file()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            await wait_for(self._changed, seconds=LOOK_SECONDS)
            await self.refresh()
            await self._look_at_file()

    async def hear(self) -> None:
        """Listen until cancelled; raises when the connection is lost."""
        await listen(self._dsn, "houvast_register", lambda _: self._changed.set())

    async def refresh(self) -> None:
        """Take what others set since."""
        async with self._one_at_a_time:
            newest = await latest_number(self._pool)
            if newest not in {self.versie.nummer, self._unreadable}:
                await self._adopt_newest()

    async def change(self, change: Change, *, toch: bool = False) -> Versie:
        """Check it whole and let it hold, here at once and everywhere within seconds.

        `toch` goes over `Bezwaren`. A text that holds already makes no version.
        Raises `FileHolds`, `BestandFouten`, `ChangedMeanwhile` or `Bezwaren`.
        """
        if self.locked:
            raise FileHolds(self.locked)
        return await self._change(change, toch=toch, bestand="register")

    async def check(self, tekst: str, *, bestand: str = "register") -> Sequence[str]:
        """What this text would leave undone. Raises `BestandFouten`."""
        register = await asyncio.to_thread(self.parse, tekst, bestand=bestand)
        return find_bezwaren(self.register, register, self._rule_book, on=self.today)

    async def look(self) -> Finding | None:
        """For `klaar`: without names, for anybody may ask."""
        return Finding(*self.warnings, blocks=False) if self.warnings else None

    async def _change(self, change: Change, *, toch: bool, bestand: str) -> Versie:
        if change.basis == self.versie.nummer and fingerprint_of(change.tekst) == self.versie.vingerafdruk:
            return self.versie
        bezwaren = await self.check(change.tekst, bestand=bestand)
        if bezwaren and not toch:
            raise Bezwaren(bezwaren)
        made = await add_version(self._pool, change, now=self._klok.now())
        await self.refresh()
        return made

    async def _make_first(self) -> None:
        file = self._follow.file
        tekst = await asyncio.to_thread(file.read_text, encoding="utf-8")
        await asyncio.to_thread(self.parse, tekst, bestand=str(file))
        first = Change(tekst, 0, f"bestand {file.name}", Bron.BESTAND, FIRST)
        with suppress(ChangedMeanwhile):  # another process began at the same time
            await add_version(self._pool, first, now=self._klok.now())

    async def _adopt_newest(self) -> None:
        """The newest that this release can read. One that it cannot read was set by a release that knows more."""
        newest = versie = await latest_version(self._pool)
        wrong: BestandFouten | None = None
        while versie is not None:
            read = await self._read(versie)
            if isinstance(read, Register):
                self._hold(versie, read)
                break
            log.error("register_unreadable", version=versie.nummer, aantal=len(read.fouten))
            wrong = wrong or read
            versie = await latest_version(self._pool, before=versie.nummer)
        if newest is None or versie is None:
            raise wrong or LookupError("there is no register")
        self._unreadable, self._version_trouble = None, None
        if wrong is not None:
            self._unreadable = newest.nummer
            what = f"versie {newest.nummer} van het register is hier niet te lezen"
            self._version_trouble = Trouble(what, wrong.fouten)

    async def _read(self, versie: Versie) -> Register | BestandFouten:
        try:
            return await asyncio.to_thread(self.parse, versie.tekst, bestand=f"versie {versie.nummer}")
        except BestandFouten as wrong:
            return wrong

    def _hold(self, versie: Versie, register: Register) -> None:
        """From here on this one holds; there is nothing in between."""
        if hasattr(self, "versie") and versie.nummer == self.versie.nummer:
            return
        self.versie = versie
        if not hasattr(self, "register"):
            self.register = RegisterNu(register)
        else:
            self.register.become(register)
            self.told(register)
        log.info("register_holds", version=versie.nummer, source=versie.bron.value)

    async def _look_at_file(self) -> None:
        """Where the file is the source: a text that is new becomes a version, or else the trouble is told.

        A text that was a version before is taken for a copy that lags behind, unless it was this very process that saw
        it change from the one that holds: then somebody put it back.
        """
        if not self._follow.holds:
            return
        file = self._follow.file
        try:
            tekst = await asyncio.to_thread(file.read_text, encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            self._tell(Trouble(f"het bestand {file.name} is niet te lezen"))
            self._file_seen = None
            return
        seen = fingerprint_of(tekst)
        if seen == self.versie.vingerafdruk:
            self._file_seen, self._file_trouble = seen, None
            return
        if seen == self._file_seen:
            if self._file_trouble is None:  # another road was taken beside it
                self._tell(Trouble(f"in het bestand {file.name} staat iets anders"))
            return
        former = await number_with(self._pool, seen)
        if former is not None and self._file_seen != self.versie.vingerafdruk:
            self._tell(Trouble(f"het bestand {file.name} is gelijk aan versie {former} van het register"))
            self._file_seen = seen
        elif await self._take_file(tekst):
            self._file_seen = seen

    async def _take_file(self, tekst: str) -> bool:
        """Whether it is settled what becomes of this text."""
        name = self._follow.file.name
        change = Change(tekst, self.versie.nummer, f"bestand {name}", Bron.BESTAND, FROM_FILE)
        try:
            await self._change(change, toch=False, bestand=name)
        except BestandFouten as wrong:
            many = "één fout" if len(wrong.fouten) == 1 else f"{len(wrong.fouten)} fouten"
            self._tell(Trouble(f"in het bestand {name} staan fouten ({many})", wrong.fouten))
        except Bezwaren as against:
            self._tell(Trouble(f"het bestand {name} laat iemand zonder wat nodig is", bezwaren=against.zinnen))
        except ChangedMeanwhile:
            await self.refresh()
            return False
        else:
            self._file_trouble = None
        return True

    def _tell(self, trouble: Trouble) -> None:
        """In the log without what stands in the register: that is about people."""
        if trouble != self._file_trouble:
            places = [f"{fout.regel} {fout.veld}" for fout in trouble.fouten]
            log.error("register_refused", reason=trouble.what, version=self.versie.nummer, places=places)
        self._file_trouble = trouble
