"""The whole map: every topic, who owns it, what travels on it and who listens.

A message's road starts here. The key of every record is the casusId, so the order per case is the order per partition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.messages import dlq, doorgegeven, handover, monitoring, notifier, proef, triage
from contracts.messages.envelope import Gebeurtenis


class Service(StrEnum):
    """The four services of the hub."""

    TRIAGE = "triage"
    HANDOVER = "handover"
    MONITORING = "monitoring"
    NOTIFIER = "notifier"


@dataclass(frozen=True, slots=True)
class Topic:
    """`owner` is the service that publishes; empty where several may. `listeners` are the services that consume.

    `guests` are the services that publish on a topic without an owner; none means a system outside the hub.

    `retention_hours` is how long Kafka may keep a record, where that matters.
    """

    name: str
    owner: str
    events: tuple[type[Gebeurtenis], ...]
    listeners: tuple[Service, ...] = ()
    guests: tuple[Service, ...] = ()
    retention_hours: int | None = None

    @property
    def senders(self) -> tuple[Service, ...]:
        """The services that publish here."""
        return (Service(self.owner),) if self.owner else self.guests

    @property
    def catalogue(self) -> Mapping[str, type[Gebeurtenis]]:
        """The events of this topic by their CloudEvents type."""
        return {event.soort: event for event in self.events}


TRIAGE = Topic("houvast.triage.v1", "triage", triage.EVENTS, (Service.HANDOVER, Service.MONITORING))
HANDOVER = Topic("houvast.handover.v1", "handover", handover.EVENTS, (Service.TRIAGE, Service.MONITORING))
MONITORING = Topic("houvast.monitoring.v1", "monitoring", monitoring.EVENTS)
CORRECTIES = Topic("houvast.correcties.v1", "monitoring", doorgegeven.EVENTS, (Service.TRIAGE, Service.HANDOVER))
NOTIFIER = Topic("houvast.notifier.v1", "notifier", notifier.EVENTS, (Service.MONITORING,))
MELDPUNT_IN = Topic(
    "houvast.meldpunt.in.v1",
    "",
    (triage.MeldpuntmeldingAangeboden,),
    (Service.TRIAGE,),
    retention_hours=24,  # sealed to the hub and not to its case: see docs/decisions/0004
)
NOTIFICATIES_IN = Topic(
    "houvast.notificaties.in.v1",
    "",
    (notifier.NotificatieGevraagd, notifier.IntrekkingGevraagd),
    (Service.NOTIFIER,),
    guests=(Service.TRIAGE, Service.HANDOVER, Service.MONITORING),
)
DLQ = Topic("houvast.dlq.v1", "", dlq.EVENTS, (Service.MONITORING,), guests=tuple(Service))

TOPICS: tuple[Topic, ...] = (TRIAGE, HANDOVER, MONITORING, CORRECTIES, NOTIFIER, MELDPUNT_IN, NOTIFICATIES_IN, DLQ)

CATALOGUE: Mapping[str, type[Gebeurtenis]] = {event.soort: event for topic in TOPICS for event in topic.events}
"""Every event by its CloudEvents type."""

WEBHOOKS: tuple[type[Gebeurtenis], ...] = (
    handover.OverdrachtAangeboden,
    handover.AanbodIngetrokken,
    proef.OverdrachtProef,
)
"""What the hub sends to the endpoint of a gemeente, and what therefore is on no topic."""

TOPIC_OF: Mapping[type[Gebeurtenis], Topic] = {event: topic for topic in TOPICS for event in topic.events}


JUDGES: Mapping[Service, tuple[Service, ...]] = {Service.MONITORING: (Service.TRIAGE, Service.HANDOVER)}
"""Who says that something was not done in time, and whom it must have heard before (docs/decisions/0018)."""


def topics_for(service: Service) -> tuple[Topic, ...]:
    """The topics a service listens to, in the order of the map."""
    return tuple(topic for topic in TOPICS if service in topic.listeners)
