"""How the variables of the environment are called."""

from collections.abc import Mapping

PREFIX = "HOUVAST_"
_NAMES: Mapping[str, str] = {"data_dir": "DATA", "register_file": "REGISTER", "master_key_text": "MASTER_KEY"}
"""Variables that are not called after their field."""


def variable_of(field: str, *, prefix: str = PREFIX) -> str:
    """The environment variable that fills a field."""
    return prefix + _NAMES.get(field, field.upper())
