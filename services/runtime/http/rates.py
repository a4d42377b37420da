"""How many requests a caller may make: by its token once that has proved valid, by its address before that.

Kept in the memory of the process, as one moment per caller: until when what it asked for so far keeps us busy at its
rate. Who runs more than two seconds ahead is refused. `limits` has this too, with a lock and a clock of its own around
every request; here it is one look in a dictionary, and time comes from outside.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

from starlette.types import Scope

from services.runtime.process.limits import Limits, caller_address

RATES = "houvast.rates"
"""Where the front leaves the `Rates` in a scope; without it nobody is counted."""

_BURST_SECONDS = 2.0
_MOST_DEBT_SECONDS = 10.0
"""Further ahead nobody runs: who stops is welcome again after that."""
_IGNORED_AFTER_SECONDS = 3.0
_HOLD_SECONDS = 3.0
_AT_ONCE_SECONDS = 0.08
_LEAST_AT_ONCE = 4
"""What a caller may ask in so many seconds is handled at once; more of it stands in a row of its own."""
_BYTES_PER_REQUEST = 16 * 1024
_ITEMS_PER_REQUEST = 100
"""A large body counts as a request for each of these: reading it, and telling what is wrong with it, takes as long."""
_COST_OF_REFUSAL = 0.25
_COST_OF_FAILURE = 4.0
"""On top of its own: a stranger who asks for what is not there may be guessing."""
_MOST_KEPT = 10_000
_UNKNOWN = 401
_FAILURES = frozenset({_UNKNOWN, 403, 404, 410})


class Pace:
    """All callers of one kind, each with its own moment."""

    def __init__(self, per_second: float) -> None:
        self._seconds = 1 / per_second
        self._ahead_until: dict[int | str | None, float] = {}

    def __contains__(self, key: int | str | None) -> bool:
        return key in self._ahead_until

    def wait(self, key: int | str, now: float) -> float:
        """How many seconds this caller is beyond what it may be ahead; 0 where it may go on."""
        return max(0.0, self._ahead_until.get(key, now) - now - _BURST_SECONDS)

    def add(self, key: int | str, cost: float, now: float) -> None:
        until = max(self._ahead_until.get(key, now), now) + cost * self._seconds
        self._ahead_until[key] = min(until, now + _BURST_SECONDS + _MOST_DEBT_SECONDS)
        if len(self._ahead_until) > _MOST_KEPT:
            self._drop(now)

    def forget(self, key: int | str) -> None:
        self._ahead_until.pop(key, None)

    def _drop(self, now: float) -> None:
        """Who is not ahead is as good as unknown; if that is not enough, the half that came first goes as well."""
        kept = {key: until for key, until in self._ahead_until.items() if until > now}
        excess = list(kept)[: len(kept) - _MOST_KEPT // 2]
        for key in excess:
            del kept[key]
        self._ahead_until = kept


@dataclass(slots=True)
class Charge:
    """One request on the account of its caller. `wait` is in seconds: 0 for who may go on."""

    pace: Pace
    key: int | str
    token: int | None
    wait: float
    now: Callable[[], float]

    @property
    def hold(self) -> float:
        """How long its refusal is kept back, in seconds: a caller who goes on all the same is slowed down by it."""
        return _HOLD_SECONDS if self.wait > _IGNORED_AFTER_SECONDS else 0.0

    def add_bytes(self, number: int) -> None:
        """What it sends, beside the request itself."""
        if number >= _BYTES_PER_REQUEST:
            self.pace.add(self.key, number / _BYTES_PER_REQUEST, self.now())

    def add_items(self, number: int) -> None:
        """How many values there are in what it sends."""
        if number >= _ITEMS_PER_REQUEST:
            self.pace.add(self.key, number / _ITEMS_PER_REQUEST, self.now())


class Rates:
    """The accounts of one process."""

    def __init__(self, limits: Limits, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._trusted = limits.trusted_proxies
        self._tokens = Pace(limits.per_token)
        self._addresses = Pace(limits.per_address)
        self._now = monotonic
        self._at_once = max(_LEAST_AT_ONCE, int(limits.per_token * _AT_ONCE_SECONDS))
        self._turns: WeakValueDictionary[int | str, asyncio.Semaphore] = WeakValueDictionary()

    def turn(self, charge: Charge) -> asyncio.Semaphore:
        """To be held while a request is handled: who sends many at once waits for itself and not the others for it."""
        turn = self._turns.get(charge.key)
        if turn is None:
            turn = self._turns[charge.key] = asyncio.Semaphore(self._at_once)
        return turn

    def charge(self, scope: Scope, sent: Mapping[bytes, bytes]) -> Charge:
        """Put one request on the account of its caller. `sent` are its headers."""
        shown = sent.get(b"authorization") or sent.get(b"cookie")
        token = None if shown is None else hash(shown)
        pace, key = (self._tokens, token) if token in self._tokens else (self._addresses, self._address_of(scope, sent))
        assert key is not None
        now = self._now()
        refused = pace.wait(key, now) > 0
        pace.add(key, _COST_OF_REFUSAL if refused else 1.0, now)
        return Charge(pace, key, token, pace.wait(key, now) if refused else 0.0, self._now)

    def settle(self, charge: Charge, *, valid: bool, status: int) -> None:
        """Afterwards: a token that proved valid has its own account from now on; a stranger's failure costs more."""
        stranger = charge.pace is self._addresses
        if valid and stranger and charge.token is not None:
            self._tokens.add(charge.token, 1.0, self._now())
        elif not valid and stranger and status in _FAILURES:
            charge.pace.add(charge.key, _COST_OF_FAILURE, self._now())
        elif not stranger and status == _UNKNOWN:
            charge.pace.forget(charge.key)

    def _address_of(self, scope: Scope, sent: Mapping[bytes, bytes]) -> str:
        client: tuple[str, int] | None = scope.get("client")
        forwarded = sent.get(b"x-forwarded-for", b"").decode("latin-1")
        return "" if client is None else caller_address(client[0], forwarded, self._trusted)
