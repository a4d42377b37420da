"""The agreements of a case, arranged the way a case looks for them."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.afspraken import Afspraken, Anker, MonitoringRegel, Regel, TermijnRegel
from services.monitoring.domain.zicht import Zichtregels, index_regels


@dataclass(frozen=True, slots=True)
class Casusregels:
    """The rules of one set of agreements. The moments of monitoring are terms like any other (MB 5)."""

    afspraken: Afspraken
    zicht: Zichtregels
    termijnen: Mapping[Anker, tuple[TermijnRegel, ...]]
    momenten: Mapping[str, MonitoringRegel]
    by_id: Mapping[str, TermijnRegel]

    @classmethod
    def of(cls, afspraken: Afspraken) -> "Casusregels":
        """The rules of these agreements; worth keeping, cases by the thousand have the same."""
        momenten = {moment.id: regel for regel in afspraken.monitoring for moment in regel.momenten}
        every = (*afspraken.termijnen, *(termijn for regel in afspraken.monitoring for termijn in regel.to_termijnen()))
        by_anker: dict[Anker, tuple[TermijnRegel, ...]] = {}
        for termijn in every:
            by_anker[termijn.vanaf] = (*by_anker.get(termijn.vanaf, ()), termijn)
        return cls(afspraken, index_regels(afspraken), by_anker, momenten, {termijn.id: termijn for termijn in every})

    def regel(self, regel_id: str) -> Regel | None:
        """The agreement with this id; for a moment of monitoring the sentence that it comes from."""
        return self.afspraken.regel(regel_id) or self.by_id.get(regel_id)

    def monitoring(self, moment_regel_id: str | None = None) -> MonitoringRegel | None:
        """How this region monitors, if it does: by the rule that a moment comes from, else by its first."""
        known = None if moment_regel_id is None else self.momenten.get(moment_regel_id)
        return known or next(iter(self.afspraken.monitoring), None)
