"""The channels of the benchmark: the mail server and the Teams workflows of the sandbox, which note when they accept."""

import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contracts.messages.notifier import Notificatiekanaal
from lab.ground.local_server import free_port
from lab.sandbox.app import Sandbox, build_sandbox
from services.cli.ground import SAMPLE_REGISTER, read_register
from services.runtime.http import serve
from services.runtime.outbound.secrets import SANDBOX_FILE, TEAMS_PREFIX, Geheimen
from services.runtime.process.clock import SystemKlok

_WORKFLOWS = re.compile(rf'"(sandbox:{TEAMS_PREFIX}[^"]+)"')
_CRISIS = re.compile(r"^CRISIS: .*\((HV-[0-9A-F]{8})\)$")
"""The subject of a message in a crisis, which leaves alone, with the reference of its case."""


@dataclass(frozen=True, slots=True)
class Aangenomen:
    """A message in a crisis that a channel accepted."""

    referentie: str
    kanaal: Notificatiekanaal
    op: datetime


@dataclass(frozen=True, slots=True)
class Kanalen:
    """What takes messages to people; `settings` tell the services where it is."""

    settings: Mapping[str, str]
    _sandbox: Sandbox

    def accepted(self) -> Iterator[Aangenomen]:
        """Every message in a crisis so far."""
        mails = ((mail.onderwerp, Notificatiekanaal.E_MAIL, mail.ontvangen_op) for mail in self._sandbox.mail.mails)
        cards = (
            (kaart.teksten[0], Notificatiekanaal.TEAMS, kaart.ontvangen_op) for kaart in self._sandbox.teams.kaarten
        )
        for subject, kanaal, op in (*mails, *cards):
            if (found := _CRISIS.match(subject)) is not None:
                yield Aangenomen(found[1], kanaal, op)


@asynccontextmanager
async def kanalen(data_dir: Path) -> AsyncGenerator[Kanalen]:
    """Both on this machine, to be opened before the services start: the workflows of the register get an address here."""
    klok, port = SystemKlok(), free_port()
    here = {"sandbox": f"http://127.0.0.1:{port}"}
    secret = Geheimen(data_dir=data_dir, variabelen=here).resolve
    register = read_register(None, variables=here)
    _give_addresses(data_dir / SANDBOX_FILE, secret, here["sandbox"])
    sandbox = build_sandbox(register=register, klok=klok, wall=klok, secret=secret, data_dir=data_dir)
    async with AsyncExitStack() as stack:
        await sandbox.mail.start()
        stack.push_async_callback(sandbox.mail.stop)
        serving = await serve(sandbox.app, host="127.0.0.1", port=port)
        stack.push_async_callback(serving.stop)
        settings = {"HOUVAST_SMTP_PORT": str(sandbox.mail.port), "HOUVAST_SMTP_CA_FILE": str(sandbox.mail.ca_file)}
        yield Kanalen(settings, sandbox)


def _give_addresses(path: Path, secret: Callable[[str], str], address: str) -> None:
    """A service in a process of its own does not know where the sandbox is."""
    for reference in _WORKFLOWS.findall(SAMPLE_REGISTER.read_text(encoding="utf-8")):
        secret(reference)
    path.write_text(path.read_text(encoding="utf-8").replace("{sandbox}", address), encoding="utf-8")
