"""What the pages about connecting show of the register can be put in a register as it stands."""

import re
from pathlib import Path

import pytest

from contracts.register import RestEndpoint, ZgwEndpoint, parse_register

DOCS = Path(__file__).parents[3] / "docs"
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


@pytest.mark.parametrize(("page", "kind"), [("connecting.md", RestEndpoint), ("connecting-zgw.md", ZgwEndpoint)])
def test_the_example_on_the_page_is_a_register(page: str, kind: type[RestEndpoint | ZgwEndpoint]) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", (DOCS / page).read_text("utf-8"), flags=re.DOTALL)
    (gemeente,) = parse_register(_GEMEENTE + shown, bestand=page).entries()
    assert isinstance(gemeente.endpoint, kind)
    assert gemeente.endpoint.tls is not None
