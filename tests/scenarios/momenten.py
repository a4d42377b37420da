"""Moments as a policy officer writes them: `ma 2 maart 2026 09:00`, and how far on the next thing happens."""

import re
from calendar import monthrange
from datetime import datetime, time, timedelta

from contracts.afspraken import AMSTERDAM, Duur, Eenheid, Kalender, OngeldigeDuur

_DAGEN = ("ma", "di", "wo", "do", "vr", "za", "zo")
_MAANDEN = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
_MOMENT = re.compile(
    rf"(?P<dag>{'|'.join(_DAGEN)}) (?P<nummer>[0-9]{{1,2}}) (?P<maand>{'|'.join(_MAANDEN)}) (?P<jaar>[0-9]{{4}})"
    r" (?P<uur>[0-9]{2}):(?P<minuut>[0-9]{2})(?: (?P<tijd>zomertijd|wintertijd))?",
)
_MINUTEN = re.compile(r"(?P<aantal>[0-9]+) minu(?:ut|ten)")
_EINDE_VAN_DE_DAG = "24:00"


class GeenMoment(ValueError):
    """A text that is no moment or no span; the message says in Dutch what one looks like."""


def read_moment(text: str) -> datetime:
    """The moment in Amsterdam; `24:00` is the end of that day.

    Raises `GeenMoment`, also when the day of the week is another one: that is how a slip of the pen is found.
    """
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise GeenMoment(f"{text!r} is geen moment; schrijf bijvoorbeeld: ma 2 maart 2026 09:00")
    maand = _MAANDEN.index(found["maand"]) + 1
    tijd = f"{found['uur']}:{found['minuut']}"
    try:
        day = datetime(int(found["jaar"]), maand, int(found["nummer"]), tzinfo=AMSTERDAM)
        at = time(0) if tijd == _EINDE_VAN_DE_DAG else time.fromisoformat(tijd)
    except ValueError:
        raise GeenMoment(f"{text!r} bestaat niet") from None
    if _DAGEN[day.weekday()] != found["dag"]:
        raise GeenMoment(f"{text!r}: dat is een {_DAGEN[day.weekday()]}")
    if tijd == _EINDE_VAN_DE_DAG:
        day += timedelta(days=1)
    return day.replace(hour=at.hour, minute=at.minute, fold=int(found["tijd"] == "wintertijd"))


def write_moment(moment: datetime) -> str:
    """The same form, for messages about what went wrong."""
    local = moment.astimezone(AMSTERDAM)
    dag, maand = _DAGEN[local.weekday()], _MAANDEN[local.month - 1]
    return f"{dag} {local.day} {maand} {local.year} {local:%H:%M}"


def later(moment: datetime, text: str, kalender: Kalender) -> datetime:
    """`moment` and so much later at the same time of day: `2 werkdagen`, `3 maanden`, `1 uur`, `30 minuten`.

    This says when the next thing happens, not when a term ends. Raises `GeenMoment`.
    """
    if (minuten := _MINUTEN.fullmatch(text)) is not None:
        return _elapsed(moment, timedelta(minutes=int(minuten["aantal"])))
    try:
        duur = Duur.parse(text)
    except OngeldigeDuur as error:
        raise GeenMoment(str(error)) from None
    local = moment.astimezone(AMSTERDAM)
    match duur.eenheid:
        case Eenheid.UREN:
            return _elapsed(moment, timedelta(hours=duur.aantal))
        case Eenheid.DAGEN:
            return local + timedelta(days=duur.aantal)
        case Eenheid.WEKEN:
            return local + timedelta(weeks=duur.aantal)
        case Eenheid.MAANDEN:
            return _months_on(local, duur.aantal)
        case Eenheid.WERKDAGEN | Eenheid.WEEKDAGEN:
            return _days_that_count(local, duur, kalender)


def _elapsed(moment: datetime, span: timedelta) -> datetime:
    """So much time on, whatever the clocks in Amsterdam do."""
    return datetime.fromtimestamp(moment.timestamp() + span.total_seconds(), AMSTERDAM)


def _months_on(local: datetime, number: int) -> datetime:
    years, month = divmod(local.month - 1 + number, 12)
    year = local.year + years
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))


def _days_that_count(local: datetime, duur: Duur, kalender: Kalender) -> datetime:
    left = duur.aantal
    while left:
        local += timedelta(days=1)
        weekday = local.weekday() < len(_DAGEN) - 2
        left -= kalender.is_werkdag(local.date()) if duur.eenheid is Eenheid.WERKDAGEN else weekday
    return local
