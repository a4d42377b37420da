"""Sending rows of the outbox so that no event overtakes an earlier one of its case, whatever the broker refuses."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, cast

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    InvalidMessageError,
    InvalidTimestampError,
    KafkaError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    UnsupportedForMessageFormatError,
)
from aiokafka.structs import RecordMetadata

from contracts.messages.envelope import KAFKA_CONTENT_TYPE
from services.runtime.database.connection import Row
from services.runtime.kafka.security import ClientOptions

log = structlog.get_logger(__name__)

STOP_SECONDS = 2.0
METADATA_AGE_MS = 10_000
"""A topic that was made again is found within this."""

REFUSALS = (
    InvalidMessageError,
    InvalidTimestampError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordListTooLargeError,
    UnsupportedForMessageFormatError,
)
"""What a broker says of records; every other error is about the connection, the topic or the account."""


HEADERS = [("content-type", KAFKA_CONTENT_TYPE.encode())]
"""On every record, as the Kafka binding of CloudEvents asks in structured mode."""


@dataclass(slots=True)
class Sent:
    """What became of rows. `refused` are those of the batches that were refused: one of them may be the cause."""

    arrived: list[tuple[Row, RecordMetadata]] = field(default_factory=list)
    refused: list[tuple[Row, KafkaError]] = field(default_factory=list)
    failure: BaseException | None = None


class Publisher:
    """One producer. After a refusal its numbering is off: then take another. Use it in `async with`."""

    def __init__(self, bootstrap: str, client: ClientOptions) -> None:
        self._bootstrap = bootstrap
        self._client = client
        self._producer: AIOKafkaProducer | None = None

    async def __aenter__(self) -> Self:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=256 * 1024,
            max_request_size=1024 * 1024,
            request_timeout_ms=10_000,
            metadata_max_age_ms=METADATA_AGE_MS,
            **self._client,
        )
        try:
            await producer.start()
        except BaseException:
            await _stop(producer)
            raise
        self._producer = producer
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._producer is not None:
            await _stop(self._producer)
            self._producer = None

    async def send(self, rows: Sequence[Row], *, may_go_on: Callable[[], None] = lambda: None) -> Sent:
        """Send what is given in turns: of each case one row, the next once the broker has that. Ends when one fails.

        `may_go_on` is asked before each turn and raises where nothing more may leave.
        """
        sent = Sent()
        for turn in turns(rows):
            may_go_on()
            results = await self._send_all(turn)
            for row, result in zip(turn, results, strict=True):
                match result:
                    case RecordMetadata():
                        sent.arrived.append((row, result))
                    case BaseException() if isinstance(result, REFUSALS):
                        sent.refused.append((row, result))
                    case BaseException():
                        sent.failure = result
            if sent.refused or sent.failure is not None:
                break
        return sent

    async def _hand_over(self, row: Row) -> asyncio.Future[RecordMetadata]:
        producer = cast("Any", self._producer)
        return await producer.send(row["topic"], row["bericht"], key=row["casus_id"].bytes, headers=HEADERS)

    async def _send_all(self, rows: Sequence[Row]) -> list[RecordMetadata | BaseException]:
        assert self._producer is not None, "use it in `async with`"
        under_way: list[asyncio.Future[RecordMetadata]] = []
        for row in rows:
            try:
                under_way.append(await self._hand_over(row))
            except KafkaError as error:
                under_way.append(_failed(error))
        return await asyncio.gather(*under_way, return_exceptions=True)


async def _stop(producer: AIOKafkaProducer) -> None:
    """A producer whose broker is gone would wait for it: what it still holds stays in the outbox."""
    stopping = asyncio.ensure_future(producer.stop())
    await asyncio.wait([stopping], timeout=STOP_SECONDS)
    if not stopping.done():
        log.warning("producer_not_stopped", seconds=STOP_SECONDS)
        stopping.cancel()
    await asyncio.gather(stopping, return_exceptions=True)


def _failed(error: KafkaError) -> asyncio.Future[RecordMetadata]:
    """A record that did not even leave."""
    future: asyncio.Future[RecordMetadata] = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    return future


def turns(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The first rows of all cases, then their second, and so on; each time in the order given."""
    by_turn: list[list[Row]] = []
    seen: dict[object, int] = defaultdict(int)
    for row in rows:
        turn = seen[row["casus_id"]]
        seen[row["casus_id"]] += 1
        if turn == len(by_turn):
            by_turn.append([])
        by_turn[turn].append(row)
    yield from by_turn
