"""Kafka for every situation: in the process, Apache Kafka on this machine, in Docker, or a cluster of others."""

from services.runtime.kafka.broker import RunningBroker
from services.runtime.kafka.ladder import start_broker

__all__ = ["RunningBroker", "start_broker"]
