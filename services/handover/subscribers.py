"""What handover takes off Kafka."""

from faststream.kafka import KafkaBroker

from contracts.messages.topics import Service
from services.runtime.kafka.consumers import Reading, Take, bind_batches


def bind(broker: KafkaBroker, take: Take, reading: Reading) -> None:
    """Subscribe to the topics that the map gives handover."""
    bind_batches(broker, Service.HANDOVER, take, reading)
