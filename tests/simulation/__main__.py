"""`python -m tests.simulation`: play seeds of the four services, one seed again, or hunt a planted bug."""

import argparse
import gc
import os
import sys
import time
import warnings
from collections import Counter
from importlib import import_module
from multiprocessing import get_context
from typing import Any

from tests.simulation.bugs import BUGS, Bug, plant

GROUP = 4
SHOW_EVERY_SECONDS = 15.0
RENEW_AFTER = 100
HUNT_SEEDS = 200
SHARED = ("aiokafka", "asyncpg", "fastapi", "faststream.kafka", "joserfc", "pydantic", "stamina", "contracts.afspraken")
"""What no bug is planted in is imported once for all of them."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds")
    parser.add_argument("--begin", type=int, default=0, help="the first seed")
    parser.add_argument("--seconds", type=float, help="stop beginning new seeds after so long")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many processes")
    parser.add_argument("--seed", type=int, help="play this one and tell how it went")
    parser.add_argument("--kind", help="the kind of weather, in the place of that of the seed")
    parser.add_argument("--bug", nargs="+", help="plant each of these in turn and play until it is found; or `all`")
    asked = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.environ["PYTHONHASHSEED"] = "0"
        os.execv(sys.executable, [sys.executable, "-m", "tests.simulation", *sys.argv[1:]])
    _tidy()
    if asked.bug is not None:
        return _hunt(asked.bug, asked.jobs)
    if asked.seed is not None:
        return _one(asked.seed, asked.kind)
    return _many(asked)


def _one(seed: int, kind: str | None) -> int:
    from tests.simulation.four import play

    outcome = play(seed, kind=kind)
    print(f"seed {seed} ({outcome.kind}): {outcome.wrong or 'every promise held'}")
    print(f"{outcome.overdrachten} overdrachten, {outcome.told} messages to people, {outcome.commits} commits")
    for fault, number in outcome.faults.most_common():
        print(f"{number:6}  {fault}")
    return 1 if outcome.wrong else 0


def _play(task: tuple[int, str | None]) -> Any:
    from tests.simulation.four import play

    outcome = play(task[0], kind=task[1])
    gc.collect()
    return outcome


def _tidy() -> None:
    """What killed processes leave behind is thrown away without a word."""
    sys.unraisablehook = lambda _: None
    warnings.simplefilter("ignore")


def _many(asked: argparse.Namespace) -> int:
    from tests.simulation.four import settle_memory

    settle_memory()
    began = shown = time.monotonic()
    faults: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    wrong: list[Any] = []
    seeds = ((seed, asked.kind) for seed in range(asked.begin, asked.begin + asked.seeds))
    with get_context("fork").Pool(asked.jobs, initializer=_tidy, maxtasksperchild=RENEW_AFTER) as pool:
        for outcome in pool.imap_unordered(_play, seeds, GROUP):
            faults += outcome.faults
            sums.update(seeds=1, overdrachten=outcome.overdrachten, told=outcome.told, commits=outcome.commits)
            if outcome.wrong:
                wrong.append(outcome)
                print(f"seed {outcome.seed} ({outcome.kind}): {outcome.wrong}\n  again: {_again(outcome)}", flush=True)
            now = time.monotonic()
            if now - shown > SHOW_EVERY_SECONDS:
                shown = now
                print(f"{sums['seeds']} of {asked.seeds} seeds in {now - began:.0f} s, {len(wrong)} wrong", flush=True)
            if asked.seconds is not None and now - began > asked.seconds:
                pool.terminate()
                break
    seconds = time.monotonic() - began
    print(
        f"{sums['seeds']} seeds in {seconds:.0f} s ({seconds / max(sums['seeds'], 1):.2f} s each, {asked.jobs} processes):"
        f" {len(wrong)} wrong; {sums['overdrachten']} overdrachten, {sums['told']} messages to people,"
        f" {faults.total()} faults, {sums['commits']} commits"
    )
    for fault, number in faults.most_common():
        print(f"{number:8}  {fault}")
    return 1 if wrong else 0


def _again(outcome: Any) -> str:
    return f".venv/bin/python -m tests.simulation --seed {outcome.seed} --kind {outcome.kind}"


def _hunt(names: list[str], jobs: int) -> int:
    chosen = [bug for bug in BUGS if names == ["all"] or bug.name in names]
    if names != ["all"] and len(chosen) < len(names):
        print("no such bug; there are:", *(bug.name for bug in BUGS), sep="\n  ")
        return 2
    began = time.monotonic()
    missed: list[str] = []
    for module in SHARED:
        import_module(module)
    with get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        for bug, found in pool.imap_unordered(_find, chosen, 1):
            print(f"{'found ' if found else 'MISSED'}  {bug.name}: {found or f'not in {HUNT_SEEDS} seeds'}", flush=True)
            if not found:
                missed.append(bug.name)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} bugs found in {time.monotonic() - began:.0f} s")
    return 1 if missed else 0


def _find(bug: Bug) -> tuple[Bug, str]:
    """In a process of its own, where nothing of the hub was imported yet."""
    _tidy()
    plant(bug)
    from tests.simulation.four import play

    for seed in range(HUNT_SEEDS):
        kind = bug.kinds[seed % len(bug.kinds)]
        outcome = play(seed, kind=kind)
        if outcome.wrong:
            return bug, f"seed {seed} ({kind}): {outcome.wrong[:160]}"
    return bug, ""


if __name__ == "__main__":
    sys.exit(main())
