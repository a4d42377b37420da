"""Records that are set aside for people: under which key they lie there, and what is told of them."""

import base64
import hashlib
from datetime import datetime

from contracts.messages.dlq import DodeBrief
from contracts.messages.identifiers import CasusId, derived_id
from services.runtime.unit.decision import Record
from services.runtime.unit.writes import Parked, ParkedKind


def dead_letter(record: Record, reason: str, casus_id: CasusId | None) -> Parked:
    """A parked record under a key that is the same whenever this very record comes again."""
    digest = hashlib.sha256(record.raw).hexdigest()
    key = derived_id("dode-brief", record.topic, str(record.partition), str(record.offset), digest)
    return Parked(key, casus_id, record, ParkedKind.DEAD_LETTER, reason)


def announce(parked: Parked, *, service: str, now: datetime) -> DodeBrief:
    """What the others hear of it: reason and record, each cut off where it gets long."""
    record = parked.record
    return DodeBrief(
        service=service,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        reden=parked.reason[:2000],
        geparkeerd_op=now,
        record=base64.b64encode(record.raw[:40_000]).decode(),
        oudere_back_up=parked.kind is ParkedKind.TOLD_BEFORE,
    )
