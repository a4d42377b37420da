"""A form as it is shown: each field with its words, what was typed in it and what is wrong with it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

from contracts.formulieren import EERST_IN, choice_label, field_words
from services.runtime.http.forms.coding import NO, YES, typed_moment
from services.runtime.http.forms.shapes import Kind, Shape

_MOST_RADIOS = 6
"""Of more choices there is a list to pull down."""
_SPOKEN: Mapping[str, str] = {
    "ontbreekt": "vul dit in",
    "moet true of false zijn": "kies ja of nee",
    "is geen moment (ISO 8601 met tijdzone)": "vul een datum en een tijd in",
    "is geen datum (JJJJ-MM-DD)": "schrijf de datum als jaar-maand-dag, bijvoorbeeld 1989-04-17",
    "is geen UUID": "dit is geen nummer van een casus; kies er een, of neem het over van de bladzijde van de casus",
    "heeft te weinig onderdelen, minimaal 1 onderdeel": "vul er ten minste één in",
}
_LOCAL = len("2026-03-02T09:00")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Option(NamedTuple):
    """A choice: what is sent, and what people read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What is asked and what can be chosen, where the models and their words do not say it.

    By place, rows counted as one: `labels` replaces a label; `required` is asked for by the agreements; `options` are
    the choices at a place. `look_up` gives the choices that stand in the register, for a field.
    """

    look_up: Callable[[Shape], Sequence[Option]]
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    required: frozenset[str] = frozenset()
    options: Mapping[str, Sequence[Option]] = field(default_factory=dict[str, Sequence[Option]])


@dataclass(slots=True)
class View:
    """One field. `folded` are the parts of a group that stand behind a fold."""

    kind: str
    name: str
    label: str
    help: str = ""
    value: str = ""
    values: Sequence[str] = ()
    options: Sequence[Option] = ()
    required: bool = False
    errors: Sequence[str] = ()
    autocomplete: str = "off"
    inputmode: str = ""
    longest: int | None = None
    shown: list["View"] = field(default_factory=list["View"])
    folded: list["View"] = field(default_factory=list["View"])
    can_grow: bool = False
    row_label: str = ""
    summary: str = ""
    """What a group says while it is folded."""
    is_row: bool = False
    folds: bool = False
    """Whether a group that is filled in needs no more than its summary."""
    marked: bool = False
    """A group that is sent also where nothing in it was filled in."""

    @property
    def id(self) -> str:
        return f"veld-{self.name}"

    @property
    def is_busy(self) -> bool:
        """Whether something in it is wrong or filled in: then it is not shown folded."""
        return bool(self.errors or self.value or self.values) or any(part.is_busy for part in self.parts)

    @property
    def told(self) -> str:
        """Its value in the words in which it is chosen."""
        return next((option.label for option in self.options if option.value == self.value), self.value)

    @property
    def is_wrong(self) -> bool:
        return bool(self.errors) or any(part.is_wrong for part in self.parts)

    @property
    def parts(self) -> Sequence["View"]:
        return (*self.shown, *self.folded)

    def walk(self) -> Iterator["View"]:
        """This field and all below it, in the order in which they are shown."""
        yield self
        for part in self.parts:
            yield from part.walk()


class Builder:
    """Makes the views of one form."""

    def __init__(
        self,
        wording: Wording,
        *,
        problems: Mapping[str, Sequence[str]],
        more_rows: Mapping[str, int],
        always: frozenset[str],
    ) -> None:
        self._wording = wording
        self._problems = problems
        self._more_rows = more_rows
        self._always = always

    def build(self, shape: Shape, body: Any, *, first: Sequence[str] = ()) -> View:
        """The whole form; `first` are its fields that stand before the fold."""
        whole = View(Kind.GROUP, "", "")
        self._fill(whole, shape, body, place="", generic="", first=first)
        return whole

    def _view(self, shape: Shape, value: Any, place: str, generic: str) -> View:
        words = field_words(shape.owner, shape.name, shape.description)
        view = View(
            shape.kind,
            place,
            self._wording.labels.get(generic, words.label),
            words.uitleg,
            required=shape.required or shape.default is not None or generic in self._wording.required,
            errors=[spoken(message) for message in self._problems.get(place, ())],
            autocomplete=words.autocomplete or "off",
            inputmode=words.inputmode,
            longest=shape.longest,
            row_label=words.enkel,
        )
        match shape.kind:
            case Kind.GROUP:
                view.marked = place in self._always
                self._fill(view, shape, value, place=place, generic=generic, first=EERST_IN.get(shape.model, ()))
                view.summary = ", ".join(part.told for part in view.shown if part.told)
                view.folds = shape.model in EERST_IN and not view.marked
            case Kind.ROWS:
                self._fill_rows(view, shape, _listed(value), generic)
            case Kind.SEVERAL:
                view.values = [str(item) for item in _listed(value)]
                view.options = self._options(shape, generic)
            case _:
                self._fill_one(view, shape, value, generic)
        return view

    def _fill(self, view: View, shape: Shape, value: Any, *, place: str, generic: str, first: Sequence[str]) -> None:
        known = cast("Mapping[str, Any]", value if isinstance(value, dict) else {})
        views = {
            inner.name: self._view(inner, known.get(inner.name), inner.below(place), inner.below(generic))
            for inner in shape.inner
        }
        view.shown = [views.pop(name) for name in first if name in views] if first else _who_last([*views.values()])
        view.folded = [*views.values()] if first else []

    def _fill_rows(self, view: View, shape: Shape, rows: Sequence[Any], generic: str) -> None:
        (item,) = shape.inner
        number = max(len(rows), shape.least or 0, int(shape.required)) + self._more_rows.get(view.name, 0)
        if shape.most is not None:
            number = min(number, max(shape.most, len(rows)))
        for index in range(number):
            row = self._view(item, rows[index] if index < len(rows) else None, f"{view.name}.{index}", generic)
            row.label, row.help = f"{view.row_label or view.label} {index + 1}", ""
            row.is_row = True
            row.required = index < max(shape.least or 0, int(shape.required))
            view.shown.append(row)
        view.can_grow = shape.most is None or number < shape.most

    def _fill_one(self, view: View, shape: Shape, value: Any, generic: str) -> None:
        match shape.kind:
            case Kind.YES_NO:
                known = () if view.required else (Option("", "Weet ik niet"),)
                view.kind, view.options = "radios", (Option(YES, "Ja"), Option(NO, "Nee"), *known)
            case Kind.MOMENT:
                value = typed_moment(value) if isinstance(value, str) else value
                view.kind = "moment" if not value or len(value) == _LOCAL else "text"
            case Kind.DAY:
                view.kind = "day" if not value or _DAY.fullmatch(str(value)) else "text"
            case Kind.CHOICE | Kind.TEXT | Kind.NUMBER:
                options = self._options(shape, generic)
                words = field_words(shape.owner, shape.name, shape.description)
                nothing = () if view.required else (Option("", words.leeg),)
                self._as_choice(view, options, nothing)
                value = shape.default if value is None else value
            case _:
                pass
        view.value = _shown(value)

    @staticmethod
    def _as_choice(view: View, options: Sequence[Option], nothing: Sequence[Option]) -> None:
        if not options:
            return
        view.options = (*nothing, *options)
        view.kind = "radios" if len(view.options) <= _MOST_RADIOS else "select"

    def _options(self, shape: Shape, generic: str) -> Sequence[Option]:
        if generic in self._wording.options:
            return self._wording.options[generic]
        if shape.options:
            return [Option(value, choice_label(shape.listed_in, value)) for value in shape.options]
        return self._wording.look_up(shape)


def _who_last(views: list[View]) -> list[View]:
    """Who acts is known by now, and stands behind what is asked."""
    return sorted(views, key=lambda view: view.folds and bool(view.summary))


def spoken(message: str) -> str:
    """What is wrong, as it is said to a person at the field itself."""
    said = _SPOKEN.get(message, message)
    return f"{said[:1].upper()}{said[1:]}"


def wrong_fields(whole: View, problems: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    """Every problem with the id of its field and its label; those of no field that is shown come without."""
    shown = {view.name: view for view in whole.walk() if view.name}
    for view in shown.values():
        yield from ((_first_input(view), view.label, message) for message in view.errors)
    for place, messages in problems.items():
        if place not in shown:
            yield from (("", "" if place == "$" else place, spoken(message)) for message in messages)


def _first_input(view: View) -> str:
    """Where the focus goes: a field itself, or the first choice of several."""
    return f"{view.id}-1" if view.kind in {"radios", "several"} else view.id


def _listed(value: Any) -> Sequence[Any]:
    return cast("Sequence[Any]", value if isinstance(value, list) else ())


def _shown(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return YES if value else NO
        case _:
            return str(value)
