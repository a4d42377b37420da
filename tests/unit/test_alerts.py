"""The alert rules speak of metrics that exist and have a source, and are raised within a minute."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.runtime.process import metrics

ROOT = Path(__file__).parents[2]
PARTS = ("_bucket", "_count", "_sum")
OF_PROMETHEUS = {"up"}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((ROOT / "deploy" / "alerts" / "houvast.yml").read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def metrics_in(expression: str) -> set[str]:
    named = re.findall(r"\b(?:houvast_\w+|up(?=\{))", expression)
    return {name for name in named if name != "houvast"} - OF_PROMETHEUS


def exposed() -> set[str]:
    """What the endpoint describes, whether it has a value yet or not."""
    lines = metrics.exposition().decode().splitlines()
    names = {line.split()[2] for line in lines if line.startswith("# HELP")}
    return names | {name + part for name in names for part in PARTS}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_speaks_of_metrics_that_exist(rule: dict[str, Any]) -> None:
    assert metrics_in(rule["expr"]) <= exposed()
    assert metrics_in(rule["expr"]) or "up{" in rule["expr"]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_waits_no_longer_than_a_scrape_and_says_what_to_do(rule: dict[str, Any]) -> None:
    """A gauge is measured every fifteen seconds, read after fifteen, and judged after fifteen: that leaves fifteen."""
    assert rule.get("for", "0s") in {"0s", "15s"}
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["actie"]


def test_every_metric_of_a_rule_is_filled_by_somebody() -> None:
    """A metric that nobody sets raises nothing, whatever the rule says."""
    source = (ROOT / "services" / "runtime" / "process" / "metrics.py").read_text(encoding="utf-8")
    variables = dict(re.findall(r'^(_\w+) = \w+\(\s*"(houvast_\w+)"', source, flags=re.MULTILINE))
    rest = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "services").rglob("*.py"))
    wanted = {re.sub(r"_(bucket|count|sum)$", "", name) for rule in rules() for name in metrics_in(rule["expr"])}
    for variable, name in variables.items():
        if name in wanted:
            setter = re.findall(r"^def (\w+)", source[: source.index(f"    {variable}.")], flags=re.MULTILINE)[-1]
            assert len(re.findall(rf"\b{setter}\(", rest)) > 1, f"nobody calls {setter}"
    assert wanted <= set(variables.values())
