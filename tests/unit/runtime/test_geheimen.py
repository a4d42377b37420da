"""Secrets by reference."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.runtime.outbound.secrets import SANDBOX_FILE, Geheimen, SecretUnavailable
from services.runtime.outbound.webhooks import WebhookSigner


def test_a_secret_comes_from_the_environment() -> None:
    assert Geheimen(environment={"BREDA": " s3cret\n"}).resolve("env:BREDA") == "s3cret"


def test_a_secret_comes_from_a_file_and_is_read_anew(tmp_path: Path) -> None:
    geheimen = Geheimen(data_dir=tmp_path)
    (tmp_path / "breda").write_text("oud\n")
    assert geheimen.resolve("file:breda") == geheimen.resolve(f"file:{tmp_path}/breda") == "oud"
    (tmp_path / "breda").write_text("nieuw\n")
    assert geheimen.resolve("file:breda") == "nieuw"


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("env:NERGENS", "env:NERGENS: deze omgevingsvariabele is niet gezet"),
        ("file:nergens", "file:nergens: het bestand is niet te lezen"),
        ("file:leeg", "file:leeg: het bestand is leeg"),
        ("whsec_letterlijk", "een geheim: is geen verwijzing"),
        ("env:", "een geheim: is geen verwijzing"),
    ],
)
def test_what_cannot_be_had_is_named_by_its_reference(tmp_path: Path, reference: str, reason: str) -> None:
    (tmp_path / "leeg").write_text("\n")
    with pytest.raises(SecretUnavailable) as caught:
        Geheimen(data_dir=tmp_path, environment={}).resolve(reference)
    assert str(caught.value).startswith(reason)
    assert "letterlijk" not in str(caught.value)


def test_a_sandbox_secret_is_made_up_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = Geheimen(data_dir=tmp_path).resolve("sandbox:GM0758")
    WebhookSigner([first])
    assert Geheimen(data_dir=tmp_path).resolve("sandbox:GM0758") == first
    assert Geheimen(data_dir=tmp_path).resolve("sandbox:GM0748") != first
    assert stat.S_IMODE((tmp_path / SANDBOX_FILE).stat().st_mode) == 0o600


def test_processes_that_ask_at_once_get_the_same_sandbox_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: Geheimen(data_dir=tmp_path).resolve("sandbox:GM0758"), range(32)))
    assert len(set(asked)) == 1


def test_the_workflow_address_of_the_sandbox_is_a_secret_below_its_address(tmp_path: Path) -> None:
    base = "http://127.0.0.1:8090"
    url = Geheimen(data_dir=tmp_path, variabelen={"sandbox": base}).resolve("sandbox:teams-GM0758")
    assert url.startswith(f"{base}/sandbox/teams/GM0758/")
    assert len(url.rpartition("/")[2]) >= 32
    moved = Geheimen(data_dir=tmp_path, variabelen={"sandbox": "http://127.0.0.1:9"}).resolve("sandbox:teams-GM0758")
    assert moved == url.replace(base, "http://127.0.0.1:9")
    with pytest.raises(SecretUnavailable, match="adres van de sandbox"):
        Geheimen(data_dir=tmp_path).resolve("sandbox:teams-GM0758")


def test_without_a_data_folder_there_is_no_sandbox() -> None:
    with pytest.raises(SecretUnavailable, match="geen sandbox"):
        Geheimen().resolve("sandbox:GM0758")


def test_a_damaged_file_of_sandbox_secrets_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / SANDBOX_FILE).write_text("{geen json")
    with pytest.raises(SecretUnavailable, match="beschadigd"):
        Geheimen(data_dir=tmp_path).resolve("sandbox:GM0758")
    assert (tmp_path / SANDBOX_FILE).read_text() == "{geen json"
