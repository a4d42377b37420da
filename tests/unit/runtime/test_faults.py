"""Only what is wrong with a message is held against it; all else passes or is mended."""

import asyncpg
import pytest

from services.runtime.database.faults import Fault, fault_of


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        pytest.param(asyncpg.InternalClientError("cannot switch to state 12"), Fault.AWAY, id="cut while setting out"),
        pytest.param(asyncpg.InterfaceError("connection is closed"), Fault.AWAY, id="cut before"),
        pytest.param(ConnectionResetError(), Fault.AWAY, id="cut during"),
        pytest.param(TimeoutError(), Fault.AWAY, id="no answer"),
        pytest.param(asyncpg.DeadlockDetectedError("…"), Fault.GAVE_WAY, id="deadlock"),
        pytest.param(asyncpg.LockNotAvailableError("…"), Fault.GAVE_WAY, id="locked"),
        pytest.param(asyncpg.InsufficientPrivilegeError("…"), Fault.WORLD, id="no right"),
        pytest.param(asyncpg.UndefinedTableError("…"), Fault.WORLD, id="no table"),
        pytest.param(asyncpg.DiskFullError("…"), Fault.WORLD, id="disk full"),
        pytest.param(asyncpg.NumericValueOutOfRangeError("…"), Fault.MESSAGE, id="a number too large"),
        pytest.param(ValueError("…"), None, id="no word of the database"),
    ],
)
def test_whose_fault_it_is(error: Exception, fault: Fault | None) -> None:
    assert fault_of(error) is fault
