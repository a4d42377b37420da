"""What a region chooses stands in its agreements and register: no role in code, and every channel has its way out."""

import re

import pytest

from contracts.afspraken import Rol
from contracts.messages.notifier import Notificatiekanaal
from contracts.messages.topics import Service
from contracts.register.model import Persoon
from tests.architecture.sources import python_sources
from tests.scenarios.geheugen import definitions

TABLE = "contracts/rechten/rollen.py"
NAMED = re.compile(rf"\bRol\.[A-Z]|rol\s*=\s*\"({'|'.join(rol.value for rol in Rol)})\"")


def test_no_role_is_named_in_code() -> None:
    """Which role is called or told is data: ladders and aanspreekpunten. What a role may is the table of rights."""
    named = [
        f"{source.name}: {found[0]}"
        for folder in ("services", "contracts")
        for source in python_sources(folder)
        if source.name != TABLE and (found := NAMED.search(source.text))
    ]
    assert named == []


@pytest.mark.parametrize("kanaal", Notificatiekanaal)
def test_every_channel_has_its_field_in_the_register_and_its_bode(kanaal: Notificatiekanaal) -> None:
    assert kanaal.veld in Persoon.model_fields
    (notifier,) = (item for item in definitions() if item.service is Service.NOTIFIER)
    assert kanaal.value in notifier.performers
