"""The words of a message: Jinja templates per reason, with Dutch moments."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateNotFound, select_autoescape

from contracts.afspraken import AMSTERDAM, Rol
from contracts.messages.notifier import NotificatieGevraagd, NotificatieUrgentie

_DAYS = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_MONTHS = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)


@dataclass(frozen=True, slots=True)
class Tekst:
    """A message in words."""

    subject: str
    plain: str
    html: str


class Sjablonen:
    """Fills the templates. `public_url` is where people open the hub."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url.rstrip("/")
        self._templates = Environment(
            loader=PackageLoader("services.notifier", "sjablonen"),
            autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["moment"] = nl_moment
        self._templates.filters["rol"] = nl_rol

    def render(self, vraag: NotificatieGevraagd) -> Tekst:
        """The message for this request."""
        values = {"vraag": vraag, "url": self.link_of(vraag), "crisis": vraag.urgentie is NotificatieUrgentie.CRISIS}
        name = vraag.aanleiding.value
        return Tekst(
            subject=subject_of(vraag),
            plain=self._template(name, "txt").render(values),
            html=self._template(name, "html").render(values),
        )

    def link_of(self, vraag: NotificatieGevraagd) -> str:
        """Where the message leads; always below the hub's own address."""
        return f"{self._public_url}/{vraag.link.lstrip('/')}"

    def _template(self, name: str, kind: str):  # noqa: ANN202 - jinja's own type is enough
        try:
            return self._templates.get_template(f"{name}.{kind}.j2")
        except TemplateNotFound:
            return self._templates.get_template(f"overig.{kind}.j2")


def subject_of(vraag: NotificatieGevraagd) -> str:
    """One line: what, how urgent, which case."""
    prefix = {NotificatieUrgentie.CRISIS: "CRISIS: ", NotificatieUrgentie.SPOED: "Spoed: "}.get(vraag.urgentie, "")
    return " ".join(f"{prefix}{vraag.onderwerp} ({vraag.referentie})".split())


def nl_rol(rol: str) -> str:
    """A role as people call it; one that no ladder knows is its own name."""
    return next((known.label for known in Rol if known.value == rol), rol)


def nl_moment(moment: datetime) -> str:
    """A moment as people say it, in local time; midnight is the end of the day before."""
    local = moment.astimezone(AMSTERDAM)
    if (local.hour, local.minute) == (0, 0):
        return f"{_day(local - timedelta(hours=1))}, einde van de dag"
    return f"{_day(local)} om {local.hour}.{local.minute:02d} uur"


def _day(local: datetime) -> str:
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
