"""How long what a copy held that is gone lies still, by the bounds that the code keeps: each below twenty seconds."""

import pytest

from services.runtime.database import connection, lease
from services.runtime.kafka import consumers
from services.runtime.outbound import worker

LIMIT_SECONDS = 20.0
LEFT_FOR_THE_WORK = 4.0
"""Of the one that takes over: joining the group, one transaction, one attempt."""

IDLE_SECONDS = float(str(connection._BOUNDS["idle_in_transaction_session_timeout"]).removesuffix("s"))

HELD = {
    "its partitions": consumers.SESSION_MS / 1000 + consumers.HEARTBEAT_MS / 1000,  # the others hear at their heartbeat
    "its attempts": worker.LEASE_SECONDS + worker.LONGEST_SLEEP,  # a lease that runs out wakes nobody
    "its relay": lease.LEASE_SECONDS + lease.TRY_SECONDS,
    "its transaction": IDLE_SECONDS,
}


@pytest.mark.parametrize(("what", "seconds"), HELD.items(), ids=list(HELD))
def test_another_copy_goes_on_within_twenty_seconds(what: str, seconds: float) -> None:
    assert seconds + LEFT_FOR_THE_WORK <= LIMIT_SECONDS, what


def test_a_lease_outlives_two_renewals_that_fail() -> None:
    """Or a copy that is well would lose what it holds to a database that is slow for a moment."""
    assert worker.LEASE_SECONDS > 3 * worker.RENEW_SECONDS
    assert lease.LEASE_SECONDS > 3 * lease.RENEW_SECONDS
    assert consumers.SESSION_MS > 3 * consumers.HEARTBEAT_MS
