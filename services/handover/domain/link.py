"""What a team with a mailbox was sent to act and to read by: a link, and a code."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Bevestiglink:
    """That a team was mailed a link: the digest of its token, and until when it opens the page."""

    digest: str
    geldig_tot: datetime


@dataclass(frozen=True, slots=True)
class Leescode:
    """The last code that was asked to read by the link: which it is, by which road it went, and what became of it.

    `gevraagd` is when codes were asked on its last day. The digits are nowhere: they follow from a key.
    """

    nummer: int
    weg: str
    geldig_tot: datetime
    gevraagd: tuple[datetime, ...] = ()
    fouten: int = 0
    gebruikt_op: datetime | None = None
