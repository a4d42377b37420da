"""Settings from the environment: read once, checked all at once, passed down. A secret is never printed."""

from services.runtime.settings.keys import SettingsFouten
from services.runtime.settings.model import (
    BROKER_ADDRESSES,
    MAX_LOCAL,
    TEST_OIN,
    KafkaSettings,
    Mechanism,
    Protocol,
    Settings,
    SmtpSettings,
    StrictSettings,
)
from services.runtime.settings.reading import load_settings, read_settings
from services.runtime.settings.variables import variable_of

__all__ = [
    "BROKER_ADDRESSES",
    "MAX_LOCAL",
    "TEST_OIN",
    "KafkaSettings",
    "Mechanism",
    "Protocol",
    "Settings",
    "SettingsFouten",
    "SmtpSettings",
    "StrictSettings",
    "load_settings",
    "read_settings",
    "variable_of",
]
