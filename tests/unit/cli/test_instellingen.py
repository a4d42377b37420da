"""What is found in the environment for each service."""

from contracts.messages.topics import Service
from services.cli.ground import settings_of


def test_every_service_can_be_asked_for_its_settings_also_one_that_has_none() -> None:
    assert set(settings_of(Service)) == {"HOUVAST_TRIAGE_", "HOUVAST_HANDOVER_", "HOUVAST_NOTIFIER_"}
