"""Which topics this service takes, bound to the broker."""

from faststream.kafka import KafkaBroker

from contracts.messages.topics import Service
from services.runtime.kafka.consumers import Reading, Take, bind_batches


def bind(broker: KafkaBroker, take: Take, reading: Reading) -> None:
    """Subscribe to every topic that the map gives the notifier."""
    bind_batches(broker, Service.NOTIFIER, take, reading)
