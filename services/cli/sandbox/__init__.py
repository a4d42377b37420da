"""The other side, on this machine: gemeenten that receive and answer, a mail server and a Teams workflow."""

from services.cli.sandbox.app import Sandbox, build_sandbox
from services.cli.sandbox.gedrag import Gedrag, Storing, Storingsoort
from services.cli.sandbox.gemeente import Ontvangst, SandboxGemeente
from services.cli.sandbox.mail import Mail, MailSink
from services.cli.sandbox.teams import Kaart, TeamsSink

__all__ = [
    "Gedrag",
    "Kaart",
    "Mail",
    "MailSink",
    "Ontvangst",
    "Sandbox",
    "SandboxGemeente",
    "Storing",
    "Storingsoort",
    "TeamsSink",
    "build_sandbox",
]
