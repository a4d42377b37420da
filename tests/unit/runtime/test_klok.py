"""The Clock: one source of time, that a test can move and a setting can speed up."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from services.runtime.process.clock import KlokInstelling, SystemKlok, VersneldeKlok, VirtueleKlok

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_a_setting_gives_start_and_speed() -> None:
    assert KlokInstelling.parse("2026-03-02T09:00+01:00@3600") == KlokInstelling(START, 3600.0)
    assert KlokInstelling.parse("2026-03-02T09:00+01:00") == KlokInstelling(START, 1.0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("gisteren@2", "geen moment"),
        ("2026-03-02T09:00", "tijdzone"),
        ("2026-03-02T09:00+01:00@snel", "geen snelheid"),
        ("2026-03-02T09:00+01:00@-1", "geen snelheid"),
        ("2026-03-02T09:00+01:00@", "geen snelheid"),
        ("9999-12-31T23:59-12:00", "ligt niet tussen"),
        ("0001-01-01T00:00+14:00@60", "ligt niet tussen"),
        ("2026-03-02T09:00+01:00@0", "geen enkele termijn"),
        ("2026-03-02T09:00+01:00@86401", "te hoog, hoogstens 86400"),
        ("2026-03-02T09:00+01:00@" + "9" * 400, "te hoog, hoogstens 86400"),
    ],
)
def test_a_wrong_setting_is_explained(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        KlokInstelling.parse(text)


def test_the_system_clock_is_aware_and_in_utc() -> None:
    klok = SystemKlok()
    assert klok.now().tzinfo is UTC
    assert klok.seconds_until(klok.now() - timedelta(hours=1)) == 0


def test_a_fast_clock_runs_at_its_speed_from_its_anchor() -> None:
    """Two processes with the same three values show the same time."""
    anchor = time.time() - 10  # noqa: TID251  the anchor is a real moment
    one, two = (VersneldeKlok(shown=START, anchor=anchor, speed=3600) for _ in range(2))
    assert START + timedelta(hours=10) <= one.now() <= two.now() < START + timedelta(hours=11)
    assert one.seconds_until(one.now() + timedelta(hours=1)) == pytest.approx(1, abs=0.1)


@pytest.mark.anyio
async def test_a_virtual_clock_wakes_sleepers_as_it_passes_their_moment() -> None:
    klok = VirtueleKlok(START)
    woken: list[int] = []

    async def sleep(hours: int) -> None:
        await klok.sleep_until(START + timedelta(hours=hours))
        woken.append(hours)

    sleepers = [asyncio.ensure_future(sleep(hours)) for hours in (2, 1, 3)]
    await asyncio.sleep(0)
    klok.move(timedelta(hours=2))
    await asyncio.gather(*sleepers[:2])
    assert sorted(woken) == [1, 2]
    klok.move(timedelta(hours=1))
    await sleepers[2]
    await klok.sleep_until(START)
    assert klok.seconds_until(START + timedelta(hours=4)) == 3600


def test_a_clock_never_goes_back() -> None:
    klok = VirtueleKlok(START)
    with pytest.raises(ValueError, match="never goes back"):
        klok.move(timedelta(seconds=-1))


@pytest.mark.anyio
async def test_a_fast_clock_sleeps_in_real_seconds() -> None:
    klok = VersneldeKlok(shown=START, anchor=time.time(), speed=36_000)  # noqa: TID251  the anchor is a real moment
    async with asyncio.timeout(5):
        await klok.sleep_until(START + timedelta(minutes=10))
    assert klok.now() >= START + timedelta(minutes=10)
