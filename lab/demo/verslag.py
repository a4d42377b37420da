"""What a person sees of the demo: a line for what happens, and tables at the end."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from contracts.afspraken import AMSTERDAM
from contracts.messages.envelope import decode
from contracts.messages.monitoring import EscalatieGestart, EscalatieOpgeschaald
from contracts.messages.topics import CATALOGUE
from lab.demo.stilte import Drukte, arrived, count_per_day
from lab.stack import Stack

if TYPE_CHECKING:
    from lab.demo.controle import Promise, Told

Row = Mapping[str, object]
_DAYS = ("ma", "di", "wo", "do", "vr", "za", "zo")
_WIDTH = 200
_SHOWN_MAILS = 12

_OVERDRACHTEN = """
select o.*, c.referentie, c.zicht_partij, c.zicht_vanaf
from overdracht o join casus c on c.id = o.casus_id order by o.aangemaakt_op
"""
_EVENTS = "select bericht from outbox where topic = 'houvast.monitoring.v1' order by positie"
_URGENCY = re.compile(r"^(CRISIS|Spoed): ")


def show_moment(moment: object) -> str:
    """`ma 02-03 09:00`, in Amsterdam."""
    if not isinstance(moment, datetime):
        return "–"
    at = moment.astimezone(AMSTERDAM)
    return f"{_DAYS[at.weekday()]} {at:%d-%m %H:%M}"


class Reporter:
    """Tells what happens while the story runs, and what arrived in the outside world since the last look."""

    def __init__(self, hub: Stack, console: Console) -> None:
        self._hub = hub
        self._console = console
        self._mails = 0
        self._cards = 0
        self._received: set[object] = set()

    def tell(self, moment: datetime, nummer: int, gemeente: str, what: str) -> None:
        self._console.print(f"[dim]{show_moment(moment)}[/dim]  {nummer:>2}  {gemeente:<16} {what}")

    def look(self) -> None:
        """What reached the gemeenten, the mailboxes and Teams."""
        for ontvangst in self._hub.sandbox.ontvangsten:
            if ontvangst.webhook_id not in self._received:
                self._received.add(ontvangst.webhook_id)
                gemeente = self._hub.register.naam(ontvangst.ontvanger)
                self._note(ontvangst.ontvangen_op, f"→ {gemeente}: overdracht {ontvangst.aanbod.referentie} afgeleverd")
        for item in (*self._hub.sandbox.zgw.ontvangen, *self._hub.sandbox.postbussen.post):
            if item.overdracht_id not in self._received:
                self._received.add(item.overdracht_id)
                gemeente = self._hub.register.naam(item.gemeente)
                self._note(item.ontvangen_op, f"→ {gemeente}: overdracht {item.referentie} afgeleverd")
        for mail in self._hub.sandbox.mail.mails[self._mails :]:
            self._mails += 1
            self._note(mail.ontvangen_op, f"✉ {', '.join(mail.aan)}: {mail.onderwerp}")
        for kaart in self._hub.sandbox.teams.kaarten[self._cards :]:
            self._cards += 1
            self._note(kaart.ontvangen_op, f"▣ Teams {kaart.kanaal}: {kaart.teksten[0] if kaart.teksten else ''}")

    def _note(self, moment: datetime, what: str) -> None:
        self._console.print(f"[dim]{show_moment(moment)}  {what}[/dim]")


async def show_result(hub: Stack, console: Console, *, told: "Told", promises: "Sequence[Promise]") -> None:
    """The table per overdracht, what went out, and the promises."""
    wide = Console(width=max(console.width, _WIDTH), highlight=False)
    pool = _monitoring(hub)
    climbed = _climbed(await pool.fetch(_EVENTS), hub)
    wide.print(_overdrachten(await pool.fetch(_OVERDRACHTEN), hub, climbed))
    _show_messages(wide, hub)
    wide.print(_busiest(count_per_day(arrived(hub))))
    _show_promises(wide, promises)
    for surprise in told.surprises:
        wide.print(f"[bold red]onverwacht:[/bold red] {surprise}")


def _monitoring(hub: Stack):  # noqa: ANN202  asyncpg's pool
    return next(running.process.hub.pool for running in hub.services if running.path == "monitoring")


def _busiest(drukte: Drukte) -> str:
    """How many messages a person got about one case on one day, outside crisis (G10)."""
    told = ", ".join(f"{times} keer {number}" for number, times in sorted(Counter(drukte.values()).items()))
    return f"\nBerichten per persoon, casus en dag buiten crisis: {told or 'geen'}"


def _climbed(rows: Sequence[Row], hub: Stack) -> Mapping[object, list[str]]:
    """Whom each escalatie called, rung by rung, by what it is about."""
    called: dict[object, list[str]] = defaultdict(list)
    for row in rows:
        match decode(row["bericht"], CATALOGUE).data:  # type: ignore[arg-type]
            case EscalatieGestart(onderwerp_id=about, rol=rol, bij=bij):
                called[about].append(f"{rol} {hub.register.naam(bij)}")
            case EscalatieOpgeschaald(onderwerp_id=about, rol=rol, bij=bij):
                called[about].append(f"{rol} {hub.register.naam(bij)}")
            case _:
                pass
    return called


def _overdrachten(rows: Sequence[Row], hub: Stack, climbed: Mapping[object, list[str]]) -> Table:
    table = Table(title="\nOverdrachten", title_justify="left", title_style="bold")
    for name in (
        "Casus",
        "Aan",
        "Kanaal",
        "Afgeleverd",
        "Ontvangen",
        "Opgepakt",
        "Zicht op veiligheid",
        "Sinds",
        "Opgeschaald naar",
    ):
        table.add_column(name, no_wrap=name != "Opgeschaald naar")
    naam = hub.register.naam
    for row in rows:
        table.add_row(
            str(row["referentie"]),
            naam(str(row["partij"] or row["gemeente"])),
            str(row["kanaal"]),
            show_moment(row["afgeleverd_op"]),
            show_moment(row["ontvangen_op"]),
            show_moment(row["opgepakt_op"]),
            naam(str(row["zicht_partij"])) if row["zicht_partij"] else "–",
            show_moment(row["zicht_vanaf"]),
            "\n".join(climbed.get(row["id"], ["–"])),
        )
    return table


def _show_messages(console: Console, hub: Stack) -> None:
    mails, cards = hub.sandbox.mail.mails, hub.sandbox.teams.kaarten
    console.print(f"\n[bold]Berichten[/bold]  {len(mails)} mails en {len(cards)} Teams-kaarten")
    subjects = Counter(_URGENCY.sub("", mail.onderwerp).partition(":")[0] for mail in mails)
    for subject, number in subjects.most_common(_SHOWN_MAILS):
        console.print(f"  {number:>3} × {subject}")
    if mails:
        mail = mails[-1]
        console.print(
            f"\n[bold]De laatste mail[/bold]  aan {', '.join(mail.aan)}\n{mail.onderwerp}\n{mail.tekst.strip()}"
        )


def _show_promises(console: Console, promises: "Sequence[Promise]") -> None:
    console.print("\n[bold]De beloften, nagegaan op deze gegevens[/bold]")
    for promise in promises:
        mark = "[green]✓ gehouden[/green]" if promise.kept else "[bold red]✗ GEBROKEN[/bold red]"
        console.print(f"  {promise.id} {promise.text}: {mark}  [dim]{promise.measured}[/dim]")
        for failure in promise.failures[:10]:
            console.print(f"     [red]{failure}[/red]")
