"""The outside of monitoring: the register and the read tables."""

from services.monitoring.adapters.bord import PostgresBord
from services.monitoring.adapters.cijfers import PostgresCijfers
from services.monitoring.adapters.namen import VerzegeldeNamen
from services.monitoring.adapters.partijen import RegisterPartijen
from services.monitoring.adapters.queries import PostgresQueries

__all__ = ["PostgresBord", "PostgresCijfers", "PostgresQueries", "RegisterPartijen", "VerzegeldeNamen"]
