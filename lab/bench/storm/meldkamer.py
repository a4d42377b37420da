"""Who is told: the alert rules of `deploy/alerts` held against the metrics of every copy, and the mails that came in."""

import asyncio
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import yaml

from lab.bench.storm.huis import SPEED, Huis
from services.cli.ground import DEPLOY

LOOK_SECONDS = 3.0
_SIMPLE = re.compile(r"^(?P<name>\w+)(\{[^}]*\})? (?P<sign>==|>) (?P<bound>\d+)$")
_GROWS = re.compile(r"(?:^|or )increase\((?P<name>\w+)\[\w+\]\) > 0")
_SAMPLE = re.compile(r"^(?P<name>\w+)(?P<labels>\{[^}]*\})? (?P<value>\S+)$", re.MULTILINE)
_NOT_KNOWN, _STANDS_STILL, _BEHIND = "Houvast weet niet", "niet verwerken", "verder dan"


@dataclass(frozen=True, slots=True)
class Regel:
    """One alert: above or at a bound for so long, or a counter that grew."""

    alert: str
    metric: str
    sign: str
    bound: float
    seconds: float

    def holds(self, value: float, before: float | None) -> bool:
        if self.sign == "+":
            return before is not None and value > before
        return value == self.bound if self.sign == "==" else value > self.bound


def read_rules(text: str) -> Iterator[Regel]:
    """The rules that look at one metric. An age is on the Clock, which runs faster here."""
    for rule in yaml.safe_load(text)["groups"][0]["rules"]:
        expression = " ".join(rule["expr"].split())
        if found := _SIMPLE.match(expression):
            bound = float(found["bound"]) * (SPEED if found["name"].endswith("_oldest_seconds") else 1)
            yield Regel(rule["alert"], found["name"], found["sign"], bound, _seconds(rule.get("for", "0s")))
        else:
            for grows in _GROWS.finditer(expression):
                yield Regel(rule["alert"], grows["name"], "+", 0.0, 0.0)


def _seconds(text: str) -> float:
    return float(text.removesuffix("s"))


@dataclass(frozen=True, slots=True)
class Gehoord:
    """An alert that fired, on the monotonic clock."""

    at: float
    alert: str


class Meldkamer:
    """Watches until cancelled; `heard` has every alert at the moment it began to fire."""

    def __init__(self, huis: Huis) -> None:
        self.heard: list[Gehoord] = []
        self._huis = huis
        self._rules = list(read_rules((DEPLOY / "alerts" / "houvast.yml").read_text(encoding="utf-8")))
        self._since: dict[tuple[str, str], float] = {}
        self._fired: set[tuple[str, str]] = set()
        self._before: dict[tuple[str, str], float] = {}

    async def run(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=3) as client:
            while True:
                await asyncio.gather(
                    *(self._look(name, kopie.url, client) for name, kopie in self._huis.kopieen.items())
                )
                await asyncio.sleep(LOOK_SECONDS)

    async def _look(self, name: str, url: str, client: httpx.AsyncClient) -> None:
        values: dict[str, dict[str, float]] = defaultdict(dict)
        try:
            text = (await client.get(f"{url}/metrics")).text
            values["up"][""] = 1.0
            for found in _SAMPLE.finditer(text):
                values[found["name"]][found["labels"] or ""] = float(found["value"])
        except httpx.HTTPError:
            values["up"][""] = 0.0
        now = time.monotonic()
        for rule in self._rules:
            for labels, value in values[rule.metric].items():
                self._judge(rule, f"{name}{labels}", value, now)

    def _judge(self, rule: Regel, series: str, value: float, now: float) -> None:
        key = (rule.alert, series)
        # a counter that is seen for the first time began at nothing
        before = self._before.get(key, 0.0 if rule.sign == "+" else None)
        self._before[key] = value
        if not rule.holds(value, before):
            self._since.pop(key, None)
            self._fired.discard(key)
            return
        since = self._since.setdefault(key, now)
        if key not in self._fired and now - since >= rule.seconds:
            self._fired.add(key)
            self.heard.append(Gehoord(now, rule.alert))

    def between(self, start: float, end: float) -> Mapping[str, float]:
        """Which alerts fired, and how many seconds after `start` the first of each did."""
        found: dict[str, float] = {}
        for heard in self.heard:
            if start <= heard.at <= end:
                found.setdefault(heard.alert, heard.at - start)
        return found


def about_the_hub(mails: list[Any]) -> dict[str, int]:
    """Of these mails those in which the hub speaks of itself, by what they say."""
    told: dict[str, int] = defaultdict(int)
    for mail in mails:
        text = f"{mail.onderwerp} {mail.tekst}"
        for words, name in (
            (_NOT_KNOWN, "mail: Houvast weet het niet"),
            (_STANDS_STILL, "mail: casus staat stil"),
            (_BEHIND, "mail: database loopt achter"),
        ):
            if words in text:
                told[name] += 1
    return dict(told)
