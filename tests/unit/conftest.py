"""What holds for every test that needs no server."""

import os

import pytest


@pytest.fixture
def machine_trusts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only whom the test names is trusted; reading all authorities of the machine takes longer than sending a mail."""
    monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)
