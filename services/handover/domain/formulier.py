"""The forms on the confirmation page: their fields, and what a person typed read as what a system would have sent.

A field is called what its place is called in the API, so that every refusal finds its field.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from contracts.afspraken import Afspraken
from contracts.formulieren import choice_label
from contracts.messages.documenten import Invoer, Professional
from contracts.messages.envelope import Problem, problems_of
from contracts.messages.handover import Terugkoppelcriterium, Weigeringscode
from contracts.messages.tekens import find_unreadable
from services.handover.domain.invoer import TerugkoppelingInvoer, WeigeringInvoer

M = TypeVar("M", bound=BaseModel)

Ingevuld = Mapping[str, Sequence[str]]
"""What came in, by field name: one text, or the boxes that were ticked."""

GERAADPLEEGD = "gedragsdeskundigeGeraadpleegd"
CRITERIA = "criteria"
MEDEWERKER = ("medewerker.naam", "medewerker.functie")
WEIGERING = ("code", "toelichting", *MEDEWERKER)
TERUGKOPPELING = (
    "criteria",
    "betrokkenHulpverlening",
    "hulpGerichtOpGeweld",
    "veiligheidCentraal",
    "toelichting",
    "gedragsdeskundigeGeraadpleegd",
    "gedragsdeskundigeToelichting",
    "afzender.naam",
    "afzender.functie",
    "afzender.organisatie",
    "afzender.telefoon",
    "werkdagenAfzender",
)
"""The fields of each form, in their order."""
BEVESTIGD = ("hulpGerichtOpGeweld", "veiligheidCentraal")
"""What a team confirms of the help that is there already (MB 4.1)."""


class MedewerkerInvoer(Invoer):
    """Who confirms, takes up, or reads: on the page that is never nobody."""

    medewerker: Professional


@dataclass(frozen=True, slots=True)
class Criterium:
    """A box of the form of MB 7.1. `na_contact` are those below "er is wel contact geweest"."""

    waarde: str
    label: str
    na_contact: bool


_MESSAGES: Mapping[str, str] = {
    "medewerker.naam": "Vul uw naam in.",
    "medewerker.functie": "Vul uw functie in.",
    "criteria": "Kies ten minste één reden.",
    "code": "Kies een reden.",
    "toelichting": "Schrijf een toelichting.",
    GERAADPLEEGD: "Kies ja of nee.",
    "gedragsdeskundigeToelichting": "Schrijf wat er uit de afstemming kwam.",
    "betrokkenHulpverlening": "Schrijf welke hulpverlening er al betrokken is.",
    "hulpGerichtOpGeweld": "Bevestig dat de hulp is gericht op het stoppen van geweld of het verminderen van de risico's.",
    "veiligheidCentraal": "Bevestig dat met de hulpverlening is afgesproken dat veiligheid centraal staat.",
    "afzender.naam": "Vul uw naam in.",
    "afzender.functie": "Vul uw functie in.",
}
_LABELS: Mapping[Terugkoppelcriterium, str] = {
    criterium: choice_label("Terugkoppelcriterium", criterium.value) for criterium in Terugkoppelcriterium
}
"""For a region that has not agreed criteria of its own: the boxes of the form as MB 7.1 prints it."""


REDENEN: Mapping[str, str] = {
    code.value: choice_label("Weigeringscode", code.value)
    for code in (
        Weigeringscode.GEEN_CAPACITEIT,
        Weigeringscode.NIET_PASSEND,
        Weigeringscode.ONVOLLEDIG,
        Weigeringscode.DUBBEL,
    )
}
"""Why who is asked to take over does not."""
REDENEN_ONTVANGER: Mapping[str, str] = {
    code.value: choice_label("Weigeringscode", code.value)
    for code in (
        Weigeringscode.GEEN_INWONER,
        Weigeringscode.GEEN_ENDPOINT,
        Weigeringscode.ONVOLLEDIG,
        Weigeringscode.DUBBEL,
    )
}
"""Why an overdracht that was handed over is not for its receiver: about the sending. About the case there is the form."""


def list_criteria(afspraken: Afspraken) -> tuple[Criterium, ...]:
    """The boxes, in the order and with the words of the afspraken where the region has them."""
    agreed = {regel.id: regel.label for regel in afspraken.terugkoppelcriteria}
    boxes = agreed or {criterium.value: label for criterium, label in _LABELS.items()}
    first = Terugkoppelcriterium.GEEN_CONTACT.value
    return tuple(Criterium(waarde, label, na_contact=waarde != first) for waarde, label in boxes.items())


def read_medewerker(ingevuld: Ingevuld) -> Professional | tuple[Problem, ...]:
    """Who it is, or every field in which something is wrong."""
    read = _read(MedewerkerInvoer, _nested(ingevuld, ("medewerker.naam", "medewerker.functie")))
    return read if isinstance(read, tuple) else read.medewerker


def read_weigering(ingevuld: Ingevuld) -> WeigeringInvoer | tuple[Problem, ...]:
    """Why it is not taken over, and who says so; on the page that is never nobody."""
    nested = _nested(ingevuld, ("code", "toelichting", "medewerker.naam", "medewerker.functie"))
    missing = () if "medewerker" in nested else (Problem("medewerker.naam", "ontbreekt"),)
    read = _read(WeigeringInvoer, nested)
    return (*read, *missing) if isinstance(read, tuple) else missing or read


def read_terugkoppeling(ingevuld: Ingevuld) -> TerugkoppelingInvoer | tuple[Problem, ...]:
    """The form of MB 7.1, or every field in which something is wrong."""
    given: dict[str, JsonValue] = _nested(
        ingevuld,
        (
            "toelichting",
            "gedragsdeskundigeToelichting",
            "betrokkenHulpverlening",
            "afzender.naam",
            "afzender.functie",
            "afzender.organisatie",
            "afzender.telefoon",
            "werkdagenAfzender",
        ),
    )
    if ticked := list(ingevuld.get(CRITERIA, ())):
        given[CRITERIA] = [*ticked]
    if (answer := first_of(ingevuld, GERAADPLEEGD)) in {"ja", "nee"}:
        given[GERAADPLEEGD] = answer == "ja"
    for field in BEVESTIGD:
        if first_of(ingevuld, field) == "ja":
            given[field] = True
    return _read(TerugkoppelingInvoer, given)


def errors_by_field(problems: Iterable[Problem], fields: Collection[str]) -> dict[str, str]:
    """One sentence per field, in the order of the form; what belongs to no field stands under an empty name."""
    found: dict[str, str] = {}
    for problem in problems:
        field = next((name for name in fields if problem.place == name or problem.place.startswith(f"{name}.")), "")
        found.setdefault(field, _sentence(field, problem.message))
    return {field: found[field] for field in ("", *fields) if field in found}


def first_of(ingevuld: Ingevuld, field: str) -> str:
    """What was typed in a field of one text, without the spaces around it."""
    given = ingevuld.get(field, ())
    return given[0].strip() if given else ""


def _sentence(field: str, message: str) -> str:
    if message.startswith("ontbreekt") and field in _MESSAGES:
        return _MESSAGES[field]
    return f"Dit {message}." if field else f"{message[:1].upper()}{message[1:]}."


def _nested(ingevuld: Ingevuld, fields: Iterable[str]) -> dict[str, JsonValue]:
    """`afzender.naam` becomes a `naam` in an `afzender`; what was left empty was not given, its parent was."""
    nested: dict[str, JsonValue] = {}
    for field in fields:
        *parents, name = field.split(".")
        place = nested
        for parent in parents:
            inner = place.setdefault(parent, {})
            assert isinstance(inner, dict)
            place = inner
        if text := first_of(ingevuld, field):
            place[name] = text
    return nested


def _read(model: type[M], given: dict[str, JsonValue]) -> M | tuple[Problem, ...]:
    unreadable = tuple(find_unreadable(given))
    try:
        read = model.model_validate(given)
    except ValidationError as error:
        return (*unreadable, *problems_of(error))
    return unreadable or read
