"""After the story: looking around in what happened, now or later, and a fresh folder for the next time."""

import os
import shutil
import sys
from pathlib import Path

from rich.console import Console

from lab.stack import Stack, only_one
from lab.up import stop_asked
from services.cli.servers import start_database
from services.runtime.database.server import EMBEDDED


async def let_look_around(hub: Stack, console: Console) -> None:
    """A login link, for as long as whoever follows it wants to look."""
    console.print(f"\n[bold]Rondkijken[/bold]  {await hub.login_link()}   (eenmalig, een uur geldig)")
    console.print("De klok loopt nu gewoon verder. Stoppen: Ctrl-C")
    await stop_asked().wait()


def tell_how_to_open(console: Console, data_dir: Path) -> None:
    """The command as it can be typed in the folder where the demo was started."""
    command = Path(sys.executable).with_name("houvast")
    shown = os.path.relpath(command) if command.is_relative_to(Path.cwd()) else str(command)
    folder = os.path.relpath(data_dir) if data_dir.resolve().is_relative_to(Path.cwd()) else str(data_dir)
    console.print(f"\nLater rondkijken, met de klok waar die bleef:  {shown} up --data {folder} --port 0")


async def clear_former(folder: Path) -> None:
    """Throw away what the former demo left. Raises `AlreadyRunning` where somebody still looks around there."""
    if not folder.exists():
        return
    with only_one(folder):
        if (folder / "postgres" / "postmaster.pid").exists():  # one that was killed left its server running
            await (await start_database(EMBEDDED, data_dir=folder)).stop()
        shutil.rmtree(folder)
