"""The words of a message: Jinja templates per reason, with Dutch moments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateNotFound, select_autoescape

from contracts.afspraken import AMSTERDAM, Rol
from contracts.afspraken.zinnen import write_date, write_weekday
from contracts.messages.notifier import NotificatieGevraagd, NotificatieUrgentie
from contracts.messages.tekens import is_text
from services.notifier.ports import Waarom

_PREFIXES = {NotificatieUrgentie.CRISIS: "CRISIS: ", NotificatieUrgentie.SPOED: "Spoed: "}


def _meant_for_them(vraag: NotificatieGevraagd) -> None:
    """The usual case."""
    del vraag


@dataclass(frozen=True, slots=True)
class Tekst:
    """A message in words."""

    subject: str
    plain: str
    html: str


@dataclass(frozen=True, slots=True)
class Item:
    """One of several messages in one mail."""

    vraag: NotificatieGevraagd
    subject: str
    url: str
    waarom: str | None


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

    def render(self, vragen: Sequence[NotificatieGevraagd], waarom: Waarom = _meant_for_them) -> Tekst:
        """The message for what is asked; more than one become a list, the most urgent first."""
        return self._render_one(vragen[0], waarom) if len(vragen) == 1 else self._render_list(vragen, waarom)

    def _render_list(self, vragen: Sequence[NotificatieGevraagd], waarom: Waarom) -> Tekst:
        ordered = most_urgent_first(vragen)
        items = [Item(vraag, subject_of(vraag), self.link_of(vraag), waarom(vraag)) for vraag in ordered]
        subject = subject_of_list(vragen)
        values = {"items": items, "subject": subject}
        return Tekst(
            subject=subject,
            plain=self._template("bundel", "txt").render(values),
            html=self._template("bundel", "html").render(values),
        )

    def _render_one(self, vraag: NotificatieGevraagd, waarom: Waarom) -> Tekst:
        values = {
            "vraag": vraag,
            "url": self.link_of(vraag),
            "crisis": vraag.urgentie is NotificatieUrgentie.CRISIS,
            "waarom": waarom(vraag),
        }
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


def most_urgent_first(vragen: Sequence[NotificatieGevraagd]) -> list[NotificatieGevraagd]:
    """Those that cannot wait above; else in the order in which they were asked."""
    return sorted(vragen, key=lambda vraag: list(NotificatieUrgentie).index(vraag.urgentie), reverse=True)


def subject_of_list(vragen: Sequence[NotificatieGevraagd]) -> str:
    """One line for several messages: how many, and whether something in them is urgent."""
    prefix = _PREFIXES.get(most_urgent_first(vragen)[0].urgentie, "")
    return f"{prefix}{len(vragen)} berichten van Houvast"


def subject_of(vraag: NotificatieGevraagd) -> str:
    """One line: what, how urgent, which case."""
    prefix = _PREFIXES.get(vraag.urgentie, "")
    text = f"{prefix}{vraag.onderwerp} ({vraag.referentie})"
    return " ".join("".join(char if is_text(char) else " " for char in text).split())


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
    return f"{write_weekday(local)} {write_date(local)}"
