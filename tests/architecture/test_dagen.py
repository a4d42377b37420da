"""A day is a day in Amsterdam, from one function: a UTC day is the day before for one or two hours of every night."""

import re

from tests.architecture.test_files import ROOT

OWN_DAY = re.compile(r"\.now\(\)\.date\(\)|astimezone\([^()]*\)\.date\(\)|\.utcnow\(|date\.today\(")
THE_ONE = ROOT / "contracts" / "afspraken" / "berekening.py"


def test_every_local_day_comes_from_local_date() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("contracts", "services")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path != THE_ONE
        for line in path.read_text("utf-8").splitlines()
        if OWN_DAY.search(line)
    ]
    assert found == []
