"""How things stand, in the words of whoever runs the hub: the same in the terminal and on a page."""

from datetime import datetime, timedelta

from contracts.afspraken import AMSTERDAM
from services.runtime.unit.destinations import Standing


def show_stand(standing: Standing, *, now: datetime) -> str:
    """Whether it is delivered there now, in a few words."""
    if standing.paused_at is not None:
        return f"gepauzeerd sinds {_local(standing.paused_at)}: {standing.pause_reason}"
    if standing.refused_at is not None:
        return f"laat ons niet toe sinds {_local(standing.refused_at)}: {standing.refuse_reason}; alles wacht"
    if standing.open_until is not None and standing.open_until > now:
        return f"antwoordt niet ({standing.failures}×); weer geprobeerd om {_local(standing.open_until)}"
    if standing.failures:
        return f"laatste {standing.failures} poging(en) mislukt"
    return "bezorgt" if standing.under_way else "in orde"


def show_age(age: timedelta) -> str:
    """As people say it: two units at most."""
    minutes = max(0, int(age.total_seconds() // 60))
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return f"{days} d {hours} u"
    return f"{hours} u {rest} min" if hours else f"{rest} min"


def show_second(moment: datetime) -> str:
    """A moment to the second, in Amsterdam."""
    return f"{moment.astimezone(AMSTERDAM):%d-%m-%Y %H:%M:%S}"


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(AMSTERDAM):%d-%m %H:%M}"
