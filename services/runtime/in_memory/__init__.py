"""Services over a memory, a broker and a clock in one process: the same handlers and unit of work, nothing to install.

For fast tests, for the simulation of faults, and for trying an agreement on a year of cases.
"""

from services.runtime.in_memory.store import MemoryStore, StoredOutbox, StoredRequest
from services.runtime.in_memory.world import DeadLetterFound, MemoryWorld, Resident

__all__ = ["DeadLetterFound", "MemoryStore", "MemoryWorld", "Resident", "StoredOutbox", "StoredRequest"]
