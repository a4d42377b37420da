"""Trying an endpoint from the command line: a register with one gemeente, the command, and what it says."""

import asyncio
from pathlib import Path

from typer.testing import CliRunner, Result

from services.cli.gemeente import app
from services.runtime.outbound.webhooks import hmac_secret

US, THEM = "de beheerder van Houvast", "de ontvanger"
BREDA = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis"
soort = "veilig-thuis"
regio = "west-brabant"
oin = "00000099900000000001"

[[gemeente]]
code = "GM0758"
naam = "Breda"
regio = "west-brabant"
oin = "00000099000000000758"
"""
REGISTER = f"""{BREDA}
[gemeente.endpoint]
soort = "rest"
url = "{{url}}"
geheimen = ["file:{{folder}}/geheim"]
{{more}}
"""


def write_register(folder: Path, url: str, more: str = "") -> Path:
    """A register with one gemeente, and its secret."""
    (folder / "geheim").write_text(hmac_secret(b"k" * 32))
    register = folder / "register.toml"
    register.write_text(REGISTER.format(url=url, folder=folder, more=more))
    return register


async def trial(folder: Path, url: str, more: str = "", *, code: str = "GM0758") -> Result:
    """The command, on a thread of its own so that the endpoint can answer."""
    register = write_register(folder, url, more)
    asked = ["test", code, "--data", str(folder), "--register", str(register)]
    return await asyncio.to_thread(CliRunner().invoke, app, asked, env={"COLUMNS": "200"})


def fault_of(result: Result) -> tuple[str, str]:
    """The step that went wrong with its finding, and who mends it."""
    assert result.exit_code == 1, result.stdout
    *_, finding, who = result.stdout.splitlines()
    assert finding.startswith("✗ "), result.stdout
    return finding, who.strip().removeprefix("te herstellen door ")
