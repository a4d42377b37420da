"""`houvast gemeente geheim`: each secret does what the documents ask it to do."""

from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook
from typer.testing import CliRunner, Result

from services.cli.gemeente import app
from services.runtime.outbound.oauth import Aanmelding, sign_assertion
from services.runtime.outbound.webhooks import WebhookSigner, WebhookVerifier
from services.runtime.settings import load_settings

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def make(*soort: str) -> Result:
    done = CliRunner().invoke(app, ["geheim", *soort])
    assert done.exit_code == 0, done.stderr
    return done


def test_a_webhook_secret_is_what_the_libraries_of_the_standard_take() -> None:
    """Alone on the standard output, so that it can go straight into a file."""
    done = make()
    (secret,) = done.stdout.splitlines()
    assert secret.startswith("whsec_")
    assert secret not in done.stderr
    assert 'geheimen = ["env:BREDA_NIEUW"' in done.stderr
    signed = Webhook(secret).sign("msg_1", NOW, "{}")
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(NOW.timestamp())), "webhook-signature": signed}
    WebhookVerifier([secret]).verify(headers, b"{}", now=NOW)


def test_of_an_ed25519_key_the_receiver_gets_the_public_half() -> None:
    done = make("ed25519")
    (private,) = done.stdout.splitlines()
    (public,) = [word for word in done.stderr.split() if word.startswith("whpk_")]
    headers = WebhookSigner([private]).headers(message_id="msg_1", at=NOW, body=b"{}")
    WebhookVerifier([public]).verify(headers, b"{}", now=NOW)


def test_a_login_key_signs() -> None:
    done = make("aanmeldsleutel")
    aanmelding = Aanmelding("https://login.gemeente.example/token", "houvast")
    assert sign_assertion(aanmelding, done.stdout, now=NOW).count(".") == 2
    assert "BEGIN PUBLIC KEY" in done.stderr
    assert "PRIVATE" not in done.stderr


def test_a_master_key_is_one(tmp_path: object) -> None:
    (key,) = make("hoofdsleutel").stdout.splitlines()
    settings = load_settings({"HOUVAST_MASTER_KEY": key, "HOUVAST_DATA": str(tmp_path)})
    assert settings.master_key() is not None


@pytest.mark.parametrize("soort", ["webhook", "ed25519", "aanmeldsleutel", "hoofdsleutel"])
def test_no_secret_is_made_twice(soort: str) -> None:
    assert make(soort).stdout != make(soort).stdout
