"""What the documents show beside commands: an event, its keys, and blocks that a test of commands would pass over."""

import json
import re

import pytest
from jsonschema import Draft202012Validator

from contracts.messages.handover import Reactie
from services.notifier.settings import NotifierSettings
from services.runtime.settings import Settings, variable_of
from tests.fixtures.documenten import Opdracht, documents, forgotten_blocks, read_opdrachten
from tests.fixtures.processen import ROOT

CONNECTING = (ROOT / "docs" / "connecting.md").read_text("utf-8")


def test_no_command_stands_in_a_block_that_is_not_run() -> None:
    """`tests/e2e/test_documenten.py` runs the blocks that say `sh`."""
    assert {path.name: found for path in documents(ROOT) if (found := forgotten_blocks(path.read_text("utf-8")))} == {}


def test_the_example_event_is_one_by_its_schema() -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```$", CONNECTING, re.MULTILINE | re.DOTALL)
    event = json.loads(block)
    schema = json.loads((ROOT / "contracts" / "schemas" / "events" / f"{event['type']}.json").read_text("utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(event)] == []
    assert set(event["data"]["reactie"]) == set(Reactie.model_fields)


@pytest.mark.parametrize("key", sorted(Reactie.model_fields))
def test_every_key_of_reactie_has_its_row(key: str) -> None:
    assert re.search(rf"^\| `{key}` \| `POST …/\w+` \|", CONNECTING, re.MULTILINE)


def test_every_example_body_is_played() -> None:
    """Each file is posted by the page that explains it, in the order in which the page plays them."""
    folder = ROOT / "deploy" / "voorbeeld"
    played = "\n".join(opdracht.tekst for opdracht in read_opdrachten((folder / "README.md").read_text("utf-8")))
    files = {path.name for path in folder.iterdir()} - {"README.md"}
    assert {name for name in files if f" {name}" not in played} == set()


@pytest.mark.parametrize("document", ["docs/architecture.md", "docs/guarantees.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_every_file_that_a_document_names_is_there(document: str) -> None:
    """A document that has stopped being true is a defect."""
    text = (ROOT / document).read_text("utf-8")
    named = set(re.findall(r"`((?:contracts|services|lab|deploy|tests|docs)/[\w./-]+)`", text))
    assert named
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_variable_in_the_documents_is_one() -> None:
    """Of the hub itself or of a service; a name that begins with an underscore goes on from the first of its row."""
    told: set[str] = set()
    for line in (ROOT / "docs" / "draaien.md").read_text("utf-8").splitlines():
        if line.startswith("| `HOUVAST_"):
            first, *others = re.findall(r"`((?:HOUVAST)?_[A-Z_]+)`", line) or [""]
            area = "_".join(first.split("_")[:2])
            told |= {first} | {name if name.startswith("HOUVAST") else area + name for name in others}
    told -= {""}
    hub = {variable_of(name).removeprefix("HOUVAST_") for name in Settings.model_fields}
    notifier = {f"NOTIFIER_{name.upper()}" for name in NotifierSettings.model_fields}
    assert {name for name in told if name.removeprefix("HOUVAST_") not in hub | notifier} == set()
    assert hub - {name.removeprefix("HOUVAST_") for name in told} == set()


PAGE = """\
Run `make setup`, then `houvast run triage|handover` *(needs a broker)*. `houvast.log` is no command.

```sh
HUB=http://127.0.0.1:8080
get() { curl "$HUB"; }
make test     # takes half an hour: everything
get
```

```
houvast up
```
"""


def test_commands_are_found_where_a_reader_finds_them() -> None:
    assert read_opdrachten(PAGE) == [
        Opdracht("make setup"),
        Opdracht("houvast run triage", "needs a broker"),
        Opdracht("houvast run handover", "needs a broker"),
        Opdracht('HUB=http://127.0.0.1:8080\nget() { curl "$HUB"; }'),
        Opdracht("make test", "takes half an hour"),
        Opdracht("get"),
    ]
    assert forgotten_blocks(PAGE) == ["houvast up"]
