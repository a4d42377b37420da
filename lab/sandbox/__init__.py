"""The other side, on this machine: gemeenten that receive and answer, a mail server and a Teams workflow."""

from lab.sandbox.app import Sandbox, build_sandbox
from lab.sandbox.gedrag import Gedrag, Storing, Storingsoort
from lab.sandbox.gemeente import Ontvangst, SandboxGemeente
from lab.sandbox.mail import Mail, MailSink
from lab.sandbox.teams import Kaart, TeamsSink

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
