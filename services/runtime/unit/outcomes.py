"""The outcomes that every service knows: nothing follows, one thing after the other, not valid, not now."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar, cast, overload

from pydantic import BaseModel

from contracts.messages.envelope import Problem
from contracts.messages.verzegeld import Verzegeld
from services.runtime.unit.decision import Context, Decision, JsonObject, Outcome, Refused
from services.runtime.unit.frozen import replace

S = TypeVar("S")
M = TypeVar("M", bound=BaseModel)


def answered_with(outcome: Outcome[S], more: JsonObject) -> Outcome[S]:
    """The same, with this in the answer too, where somebody gets one."""
    if not more or not isinstance(outcome, Decision) or outcome.answer is None:
        return outcome
    return replace(outcome, answer=outcome.answer | more)


def unchanged(state: S | None, answer: JsonObject | None = None) -> Decision[S]:
    """Nothing follows; the caller, if there is one, gets the answer it got before."""
    return Decision(cast("S", state), answer=answer)


def joined(first: Decision[S], second: Decision[S]) -> Decision[S]:
    """Both, the second of which was decided on the state of the first; whoever called gets no answer of them."""
    return Decision(
        second.state,
        events=(*first.events, *second.events),
        timers=(*first.timers, *second.timers),
        requests=(*first.requests, *second.requests),
        journal=(*first.journal, *second.journal),
        references=(*first.references, *second.references),
        forwards=(*first.forwards, *second.forwards),
    )


def invalid(problems: Sequence[Problem]) -> Refused:
    """Not accepted, with every problem at once."""
    return Refused(400, "De aanvraag klopt niet", tuple(problems), code="ongeldige-invoer")


def conflict(title: str, *reasons: str, place: str = "$", code: str = "niet-mogelijk") -> Refused:
    """Understood, but it does not fit what has already happened; every reason at once."""
    return Refused(409, title, tuple(Problem(place, reason) for reason in reasons), code=code)


@overload
def seal(context: Context, value: M) -> Verzegeld[M]: ...
@overload
def seal(context: Context, value: M | None) -> Verzegeld[M] | None: ...
def seal(context: Context, value: M | None) -> Verzegeld[M] | None:
    """The value under the key of this case, where there is one."""
    return None if value is None else context.sealer.seal(value)


def iso(moment: datetime) -> str:
    """UTC, as interfaces write it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
