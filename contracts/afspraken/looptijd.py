"""From when to when a term counts. Time in which its party was told that it had nothing to do is no time of that term."""

from datetime import datetime

from contracts.afspraken.ankers import ONTVANGERS, OVERDRACHT_KWAM_TERUG
from contracts.afspraken.gebeurd import Gebeurd
from contracts.afspraken.kalender import Kalender
from contracts.afspraken.model import TermijnRegel
from contracts.afspraken.situatie import Casus, is_offered


def find_end(regel: TermijnRegel, start: Gebeurd, casus: Casus, kalender: Kalender) -> datetime:
    """Give the moment at which a term that this starts has passed (Europe/Amsterdam)."""
    return regel.end(count_from(regel, start, casus, kalender), kalender)


def count_from(regel: TermijnRegel, start: Gebeurd, casus: Casus, kalender: Kalender) -> datetime:
    """Give the moment from which the time of a term counts: where it starts, unless the rule or the plan says other.

    Others said that a party took the case over, and that party contradicted it: what a receiver had to do by then counts
    anew and in full from the contradiction, for until then nobody let it act. What had passed before that word stays so.
    """
    earlier = (
        item.op
        for item in casus.gebeurd
        if item.anker is regel.telt_vanaf and item.onderwerp_id == start.onderwerp_id and item.op <= start.op
    )
    since = min(earlier, default=start.voor or start.op)
    if not casus.betwiste_woorden or regel.verantwoordelijke not in ONTVANGERS or start.anker.soort != "overdracht":
        return since
    others = (woord for over, woord in casus.betwiste_woorden.items() if over != start.onderwerp_id)
    for said, contradicted in sorted(others):
        if start.op < contradicted and said < regel.end(since, kalender) and _was_let_go(regel, start, said, casus):
            since = max(since, contradicted)
    return since


def find_nearing(regel: TermijnRegel, start: Gebeurd, casus: Casus, kalender: Kalender) -> datetime | None:
    """Give the moment of the warning for a term that this starts; None where nobody is warned."""
    since = count_from(regel, start, casus, kalender)
    return regel.nears_at(max(start.op, since), regel.end(since, kalender))


def _was_let_go(regel: TermijnRegel, start: Gebeurd, said: datetime, casus: Casus) -> bool:
    """Tell whether a word ended the overdracht that this term is about: made by then, no offer, and neither done nor over."""
    if is_offered(casus, start):
        return False
    about = [
        item for item in casus.gebeurd if item.anker.soort == "overdracht" and item.onderwerp_id == start.onderwerp_id
    ]
    elsewhere = [item for item in casus.gebeurd if item.anker.soort != "overdracht" and item.op >= start.op]
    ends = {*regel.tot, *OVERDRACHT_KWAM_TERUG}
    done = any(item.anker in ends and item.op <= said for item in (*about, *elsewhere))
    return min(item.op for item in about) <= said and not done
