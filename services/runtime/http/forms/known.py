"""What a service tells a form about the thing it is about: what is known already, what is asked, what stands beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from contracts.rechten import Handeling
from services.runtime.access.tokens import Caller
from services.runtime.http.forms.views import Option
from services.runtime.unit.decision import Refused


@dataclass(frozen=True, slots=True)
class Point:
    """One thing beside the form, and where it comes from: a sentence of the agreements. `link`: where it can be done."""

    text: str
    source: str = ""
    quote: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """A block beside the form."""

    title: str
    text: str = ""
    points: Sequence[Point] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What is known where an act begins.

    `body` is filled in already. `labels`, `required`, `options` and `needless` are by place, rows counted as one: the
    words of the agreements, what they ask for, what there is to choose from in this case, and what need not be asked.
    `possible` are the names of the acts that this person can do now with the same thing; None where only their operation
    knows. `over`: why the act cannot be done now, whatever is filled in: there is no form then.
    """

    casus_id: UUID | None = None
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    required: frozenset[str] = frozenset()
    options: Mapping[str, Sequence[Option]] = field(default_factory=dict[str, Sequence[Option]])
    needless: frozenset[str] = frozenset()
    beside: Sequence[Beside] = ()
    possible: frozenset[str] | None = None
    over: Refused | None = None

    def leaves(self, act: Handeling) -> bool:
        """Whether this act can be done now, as far as is known."""
        return self.possible is None or act.naam in self.possible


class Desk(Protocol):
    """The service whose acts these are."""

    async def look(self, act: Handeling, about: UUID | None, wie: Caller, *, fill: bool) -> Known | Refused:
        """What is known about the thing that the act is about, for whoever may see it.

        With `fill` a form is shown for the first time: only then what people wrote is opened, and that is noted; never
        where the act is over, so that nobody reads it or fills it in for nothing.
        """
        ...
