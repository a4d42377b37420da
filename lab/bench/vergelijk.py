"""What a melding costs on its whole road, here and in another checkout, by turns: the same minutes for both."""

import asyncio
import os
import signal
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from lab.bench.meting import Figure

HERE = Path(__file__).parents[2]
COST = "processortijd per melding"

Tell = Callable[[str], None]


async def compare(other: Path, *, pairs: int, seconds: float, tell: Tell) -> list[Figure]:
    """The median of each, and of what they are to each other in a pair. Raises `RuntimeError` where a run fails."""
    here: list[float] = []
    there: list[float] = []
    for number in range(1, pairs + 1):
        for folder, costs in ((HERE, here), (other, there)):
            costs.append(await _cost_in(folder, seconds))
            tell(f"{number}/{pairs} {folder}: {costs[-1]:.2f} ms per melding")
    ratios = [mine / theirs for mine, theirs in zip(here, there, strict=True)]
    spread = f"per paar {min(ratios):.3f} tot {max(ratios):.3f}"
    return [
        Figure(f"{COST} hier", statistics.median(here), "ms"),
        Figure(f"{COST} in {other.name}", statistics.median(there), "ms"),
        Figure("hier ten opzichte van daar", statistics.median(ratios), "×", note=spread),
    ]


async def _cost_in(folder: Path, seconds: float) -> float:
    """By the packages of that checkout where it has its own, else by ours."""
    own = folder / ".venv" / "bin" / "python"
    process = await asyncio.create_subprocess_exec(
        own if own.exists() else sys.executable,
        *("-m", "services.cli", "bench", "road", "--only", "keten", "--seconds", str(seconds), "--json"),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.send_signal(signal.SIGTERM)  # it stops what it started
        await process.wait()
        raise
    if process.returncode:
        raise RuntimeError(f"de meting in {folder} mislukt (code {process.returncode})")
    figures: list[dict[str, Any]] = orjson.loads(said)["cijfers"]
    return next(float(figure["value"]) for figure in figures if figure["what"] == COST)
