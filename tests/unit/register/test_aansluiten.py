"""What docs/connecting.md shows of the register can be put in a register as it stands."""

import re
from pathlib import Path

import pytest

from contracts.register import RestEndpoint, ZgwEndpoint, parse_register

PAGE = Path(__file__).parents[3] / "docs" / "connecting.md"
_GEMEENTE = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis West-Brabant"
soort = "veilig-thuis"
regio = "west-brabant"

[[gemeente]]
code = "GM0777"
naam = "Etten-Leur"
oin = "00000099077700000000"
regio = "west-brabant"
"""


@pytest.mark.parametrize(("number", "kind"), [(0, RestEndpoint), (1, ZgwEndpoint)], ids=["REST", "ZGW"])
def test_the_example_on_the_page_is_a_register(number: int, kind: type[RestEndpoint | ZgwEndpoint]) -> None:
    shown = re.findall(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)
    assert len(shown) == 2
    (gemeente,) = parse_register(_GEMEENTE + shown[number], bestand="connecting.md").entries()
    assert isinstance(gemeente.endpoint, kind)
    assert gemeente.endpoint.tls is not None
