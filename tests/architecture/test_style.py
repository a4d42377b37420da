"""Rules of STYLE that a machine can see."""

import ast
import re
import statistics
from collections.abc import Iterator
from functools import cache

from tests.architecture.sources import SERVICES, Source, dotted, python_sources

CLOCK = "services/runtime/process/clock.py"
WALL_CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "time.ctime",
    "time.strftime",
}
SQL_CLOCK = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp)\(\)|\bcurrent_(timestamp|date)\b",
)
LONGEST_FILE = 600
LONG_FILE = 400
LONG_FUNCTION = 30


def test_time_comes_from_the_clock() -> None:
    """Moving every process alike only works when none looks at the wall."""
    looks = [
        f"{source.at(node)}: {called}"
        for source in python_sources("contracts", "services")
        if source.name != CLOCK
        for node, called in _calls(source)
        if any(called == forbidden or called.endswith("." + forbidden) for forbidden in WALL_CLOCK)
    ]
    assert looks == []


def test_nothing_takes_the_time_out_of_its_module() -> None:
    """`from time import time` would hide a look at the wall from the test above."""
    taken = [
        source.at(node)
        for source in python_sources("contracts", "services")
        if source.name != CLOCK
        for node in source.nodes
        if isinstance(node, ast.ImportFrom)
        and node.module == "time"
        and {alias.name for alias in node.names} - {"monotonic", "perf_counter", "monotonic_ns", "perf_counter_ns"}
    ]
    assert taken == []


def test_the_four_take_no_time_from_the_database() -> None:
    """The runtime may lease by the database's clock; what a case says about time comes from the Clock."""
    looks = [
        f"{source.at(node)}: {found[0]}"
        for service in SERVICES
        for source in python_sources(f"services/{service}")
        for node in source.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if " " in node.value and (found := SQL_CLOCK.search(node.value.casefold()))
    ]
    assert looks == []


def test_everything_is_caught_in_the_runtime_only() -> None:
    """STYLE 11: the narrowest exception where you can do something about it."""
    broad = [
        source.at(node)
        for source in python_sources("contracts", "services", "deploy")
        if not source.name.startswith("services/runtime/")
        for node in source.nodes
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or _names(node.type) & {"Exception", "BaseException"})
    ]
    assert broad == []


def test_nothing_is_mocked() -> None:
    """Fakes live in tests/fakes and pass the tests of the adapter."""
    mocks = [
        source.at(node)
        for source in python_sources()
        if "mock" in source.text
        for node in source.nodes
        if (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith(("unittest.mock", "mock", "pytest_mock"))
        )
        or (isinstance(node, ast.ImportFrom) and node.module == "unittest" and _imported(node) & {"mock"})
        or (isinstance(node, ast.Import) and _imported(node) & {"unittest.mock", "mock"})
    ]
    assert mocks == []


def test_no_test_sleeps() -> None:
    """STYLE 26: move the clock, or wait for a condition in a loop with a limit. Sleep moves the clock of a simulation."""
    sleeps = [
        source.at(node)
        for source in python_sources("tests")
        if "sleep" in source.text and not source.name.startswith("tests/simulation/")
        for node, called in _calls_outside_loops(source.tree)
        if called in {"time.sleep", "asyncio.sleep", "anyio.sleep", "sleep"} and not _is_zero(node)
    ]
    assert sleeps == []


def test_no_number_from_the_law_stands_in_python() -> None:
    """STYLE 14: a term stands in contracts/afspraken, with its quote. A setting may have its own default."""
    numbers = [
        f"{source.at(node)}: {keyword.arg}"
        for service in SERVICES
        for source in python_sources(f"services/{service}")
        if source.path.stem != "settings"
        for node, called in _calls(source)
        if called.rpartition(".")[2] in {"timedelta", "relativedelta", "Duur"}
        for keyword in node.keywords
        if keyword.arg in {"days", "weeks", "months", "hours", "aantal"} and not _is_step(keyword)
    ]
    assert numbers == []


def test_no_duration_of_an_agreement_is_written_in_python() -> None:
    """`"5 werkdagen"` in code is a sentence of an agreement out of its place; the API may show one as an example."""
    duration = re.compile(r"\b\d+ (werkdag|weekdag|dag|week|weken|maand)(en)?\b")
    written = [
        f"{source.at(node)}: {found[0]}"
        for service in SERVICES
        for source in python_sources(f"services/{service}")
        if not {"settings", "api"} & {source.path.stem, *source.path.parts}
        for node in source.nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in _docstrings(source)
        if (found := duration.search(node.value))
    ]
    assert written == []


def test_no_file_is_longer_than_a_person_reads() -> None:
    """STYLE 17: most files have 50 to 300 lines. One that passes 600 hides something; few may pass 400."""
    lengths = {source.name: source.text.count("\n") for source in python_sources("contracts", "services", "deploy")}
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}
    long_files = sorted(name for name, length in lengths.items() if length > LONG_FILE)
    assert len(long_files) <= len(lengths) // 20, long_files


def test_nine_functions_in_ten_are_short() -> None:
    """STYLE 17: most functions fit in 5 to 15 lines."""
    lengths = [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for source in python_sources("contracts", "services")
        for node in source.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert statistics.quantiles(lengths, n=10)[-1] <= LONG_FUNCTION


def test_every_module_says_what_it_is() -> None:
    """An `__init__` that only marks a folder may stay silent."""
    silent = [
        source.name
        for source in python_sources("contracts", "services", "deploy")
        if source.text.strip() and ast.get_docstring(source.tree) is None
    ]
    assert silent == []


def test_no_work_is_called_done_that_is_not() -> None:
    """A TODO is an issue, not a comment."""
    unfinished = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{source.name}:{number}"
        for source in python_sources("contracts", "services", "deploy")
        for number, line in enumerate(source.text.splitlines(), start=1)
        if unfinished.search(line)
    ]
    assert found == []


def _calls(source: Source) -> Iterator[tuple[ast.Call, str]]:
    return ((node, dotted(node.func)) for node in source.nodes if isinstance(node, ast.Call))


def _calls_outside_loops(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.While | ast.For | ast.AsyncFor):
            continue
        if isinstance(node, ast.Call):
            yield node, dotted(node.func)
        yield from _calls_outside_loops(node)


def _names(node: ast.expr) -> set[str]:
    return {dotted(item) for item in (node.elts if isinstance(node, ast.Tuple) else [node])}


def _imported(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names}


def _is_zero(call: ast.Call) -> bool:
    return bool(call.args) and _is_zero_value(call.args[0])


def _is_zero_value(node: ast.expr) -> bool:
    return not isinstance(node, ast.Constant) or node.value == 0


def _is_step(keyword: ast.keyword) -> bool:
    """Nothing, or the next day or hour: a step of a calculation and not a term."""
    steps = {0, 1} if keyword.arg in {"days", "hours"} else {0}
    return not isinstance(keyword.value, ast.Constant) or keyword.value.value in steps


@cache
def _docstrings(source: Source) -> frozenset[ast.AST]:
    return frozenset(
        node.body[0].value
        for node in source.nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    )
