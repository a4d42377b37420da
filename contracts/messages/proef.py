"""A delivery that tests the connection of a gemeente or partij."""

from typing import ClassVar

from contracts.messages.envelope import Gebeurtenis
from contracts.messages.identifiers import GemeenteCode, PartijCode
from contracts.messages.moment import Moment


class OverdrachtProef(Gebeurtenis):
    """A delivery that tests the connection: about nobody, to be answered with 2xx and then forgotten. On no topic.

    To a `partij`, `gemeente` is one of its region.
    """

    soort: ClassVar[str] = "nl.sociaaldomein.overdrachten.overdracht-proef.v1"
    gemeente: GemeenteCode
    partij: PartijCode | None = None
    verzonden_op: Moment
    uitleg: str
