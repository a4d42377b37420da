"""`publiccode.yaml` against publiccode.yml 0.7 (docs/standard of github.com/publiccodeyml/publiccode.yml, June 2026).

Catalogues pass over a file with a value that is not in the controlled lists. A list below has what could be ours; the
standard has more categories and scopes, none of which fits.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).parents[2]

CATEGORIES = [
    "business-process-management",
    "collaboration",
    "communications",
    "compliance-management",
    "data-collection",
    "digital-citizenship",
    "document-management",
    "knowledge-management",
    "project-collaboration",
    "regulations-and-directives",
    "resource-management",
    "task-management",
    "time-management",
    "workflow-management",
]
"""Of `categories-list`; there is no case-management."""
SCOPES = [
    "emergency-services",
    "government",
    "healthcare",
    "justice",
    "local-authorities",
    "security",
    "society",
    "welfare",
]
"""Of `scope-list`."""
STATUSES = ["concept", "development", "beta", "stable", "obsolete"]
PLATFORMS = ["web", "windows", "mac", "linux", "ios", "android"]
SOFTWARE_TYPES = [
    *(f"standalone/{kind}" for kind in ("mobile", "iot", "desktop", "web", "backend", "other")),
    "addon",
    "library",
    "configurationFiles",
]
TEXT = {"type": "string", "minLength": 1}


def _list(values: Any) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "uniqueItems": True, "items": values}


def _closed(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


DESCRIPTION = _closed(
    ["shortDescription", "longDescription", "features"],
    {
        "shortDescription": {"type": "string", "maxLength": 150, "pattern": "^[^\n]+$"},
        "longDescription": {"type": "string", "minLength": 150, "maxLength": 10_000},
        "features": _list({"type": "string", "maxLength": 100}),
    },
)
SCHEMA = _closed(
    [
        *("publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType"),
        *("description", "legal", "maintenance", "localisation"),
    ],
    {
        "publiccodeYmlVersion": {"enum": ["0.4", "0.5", "0.6", "0.7"]},
        "name": TEXT,
        "url": {"type": "string", "pattern": "^https://"},
        "softwareVersion": TEXT,
        "releaseDate": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "platforms": _list({"enum": PLATFORMS}),
        "categories": _list({"enum": CATEGORIES}),
        "developmentStatus": {"enum": STATUSES},
        "softwareType": {"enum": SOFTWARE_TYPES},
        "intendedAudience": _closed(
            [], {"countries": _list({"pattern": "^[A-Z]{2}$"}), "scope": _list({"enum": SCOPES})}
        ),
        "description": {"type": "object", "minProperties": 1, "additionalProperties": DESCRIPTION},
        "legal": _closed(["license"], {"license": TEXT, "mainCopyrightOwner": TEXT}),
        "maintenance": _closed(
            ["type", "contacts"],
            {
                "type": {"enum": ["internal", "community"]},
                "contacts": _list(_closed(["name"], {"name": TEXT, "email": TEXT, "affiliation": TEXT})),
            },
        ),
        "localisation": _closed(
            ["localisationReady", "availableLanguages"],
            {"localisationReady": {"type": "boolean"}, "availableLanguages": _list({"pattern": "^[a-z]{2}$"})},
        ),
        "dependsOn": _closed(
            [], {"open": _list(_closed(["name"], {"name": TEXT, "versionMin": TEXT, "version": TEXT}))}
        ),
    },
)


def read() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "publiccode.yaml").read_text("utf-8"))
    return found


def faults(document: dict[str, Any]) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(SCHEMA).iter_errors(document)]


def test_the_file_is_what_catalogues_take() -> None:
    assert faults(read()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"categories": ["case-management"]},
        {"developmentStatus": "alpha"},
        {"softwareType": "service"},
        {"intendedAudience": {"scope": ["municipalities"]}},
        {"maintenance": {"type": "community"}},
        {"platforms": []},
        {"publiccodeYmlVersion": 0.4},
        {"maturity": "high"},
    ],
)
def test_a_value_outside_the_lists_is_noticed(change: dict[str, Any]) -> None:
    assert len(faults(read() | change)) == 1


def test_version_and_licence_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    document = read()
    assert (document["softwareVersion"], document["legal"]["license"]) == (project["version"], project["license"])
