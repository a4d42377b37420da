"""One copy of a service as `houvast run` runs it, that ends with the storm however that ends.

`python -m lab.bench.storm.dienst <service> <instance>`; the rest comes from the environment, as in production.
"""

import asyncio
import os
import signal
import sys
import threading

import uvloop

from contracts.messages.topics import Service
from services.cli.ground import settings_of
from services.cli.run import running_service
from services.runtime.process.logging import configure_logging
from services.runtime.settings import load_settings


def _end_with_storm() -> None:
    """Standard input ends with the storm. A start that waits for its database ends too, so this is no task."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGKILL)


async def _serve(service: Service, instance: str) -> None:
    settings = load_settings(services=settings_of((service,)), needed=("database", "broker"))
    configure_logging(settings.log_level)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running_service(service, settings, instance=instance):
        await stop.wait()


if __name__ == "__main__":
    threading.Thread(target=_end_with_storm, daemon=True).start()
    uvloop.run(_serve(Service(sys.argv[1]), sys.argv[2]))
