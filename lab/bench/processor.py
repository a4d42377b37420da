"""What each part costs in processor time: on a shared machine this says more than what the wall clock says."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def processor_seconds(processes: Mapping[str, int], *, with_children: Mapping[str, int]) -> dict[str, float]:
    """Seconds of processor time so far, by part; `with_children` are parts that work in child processes."""
    used = {name: _own(pid) for name, pid in processes.items()}
    children = _children()
    for name, pid in with_children.items():
        used[name] = _own(pid) + _ended_children(pid) + sum(_own(child) for child in children.get(pid, ()))
    used["meetprogramma en broker"] = time.process_time()
    return used


def resident_mb(pid: int) -> float:
    """The memory that a process holds now, in MB (10⁶ bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; the name before it may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _own(pid: int) -> float:
    fields = _fields(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def _ended_children(pid: int) -> float:
    fields = _fields(pid)
    return (int(fields[13]) + int(fields[14])) / _TICKS if fields else 0.0


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and (fields := _fields(int(entry.name))):
            found.setdefault(int(fields[1]), []).append(int(entry.name))
    return found
