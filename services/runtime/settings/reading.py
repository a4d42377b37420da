"""Settings are read once, and everything that is wrong with them is told at once."""

import difflib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from contracts.messages.envelope import Problem, dutch
from services.runtime.settings.keys import SettingsFouten
from services.runtime.settings.model import EMBEDDED, Settings, StrictSettings
from services.runtime.settings.together import kafka_fouten, key_fouten, production_fouten, register_fouten
from services.runtime.settings.variables import PREFIX, variable_of

T = TypeVar("T", bound=BaseModel)

_SIMILAR = 0.85


def load_settings(
    environment: Mapping[str, str] | None = None,
    *,
    broker: str | None = None,
    database: str | None = None,
    data_dir: Path | None = None,
    register: Path | None = None,
    port: int | None = None,
    services: Mapping[str, type[StrictSettings]] | None = None,
    needed: Iterable[str] = (),
) -> Settings:
    """The settings of the house; what is given here goes before the environment.

    `services` are the settings of each service that will run, by their prefix: checked along, read where they are
    used. `needed` are fields that have to be given. Raises `SettingsFouten` with everything that is wrong. A variable
    that is all but one of ours is taken for a typo.
    """
    parts = services or {}
    given = {"broker": broker, "database": database, "data_dir": data_dir, "register_file": register, "port": port}
    told = {variable_of(field): str(value) for field, value in given.items() if value is not None}
    environment = {**(os.environ if environment is None else environment), **told}
    fouten = [
        *_suspected_typos(environment, parts),
        *production_fouten(environment),
        *key_fouten(environment),
        *kafka_fouten(environment),
        *register_fouten(environment),
    ]
    told_already = {fout.place for fout in fouten}
    fouten += [fout for fout in _missing(needed, environment) if fout.place not in told_already]
    for prefix, model in parts.items():
        fouten += _fouten_of(model, environment, prefix=prefix)
    if fouten:
        raise SettingsFouten([*_fouten_of(Settings, environment), *fouten])
    return read_settings(Settings, environment)


def read_settings(model: type[T], environment: Mapping[str, str] | None = None, *, prefix: str = PREFIX) -> T:
    """Any settings model from variables called after its fields, `HOUVAST_NOTIFIER_BUNDLE_SECONDS` for one.

    An empty variable counts as absent. Raises `SettingsFouten` with everything that is wrong.
    """
    environment = os.environ if environment is None else environment
    names = {field: variable_of(field, prefix=prefix) for field in model.model_fields}
    given = {field: environment[name] for field, name in names.items() if environment.get(name, "").strip()}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        fouten = error.errors(include_input=False, include_url=False, include_context=False)
    raise SettingsFouten(
        Problem(names.get(str(fout["loc"][0]), prefix) if fout["loc"] else prefix, dutch(fout["type"], fout["msg"]))
        for fout in fouten
    )


def _fouten_of(model: type[BaseModel], environment: Mapping[str, str], *, prefix: str = PREFIX) -> tuple[Problem, ...]:
    try:
        read_settings(model, environment, prefix=prefix)
    except SettingsFouten as wrong:
        return wrong.fouten
    return ()


def _missing(needed: Iterable[str], environment: Mapping[str, str]) -> Iterable[Problem]:
    for field in needed:
        if environment.get(variable_of(field), "").strip() in {"", EMBEDDED}:
            yield Problem(variable_of(field), "ontbreekt")


def _suspected_typos(environment: Mapping[str, str], parts: Mapping[str, type[StrictSettings]]) -> Iterable[Problem]:
    names = [variable_of(field) for field in Settings.model_fields]
    names += [variable_of(field, prefix=prefix) for prefix, model in parts.items() for field in model.model_fields]
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in names:
            meant = difflib.get_close_matches(name, names, n=1, cutoff=_SIMILAR)
            if meant:
                yield Problem(name, f"is geen bekende instelling; bedoelde u {meant[0]}?")
