"""`houvast`: everything a person does at a command line. Each command loads only what it needs."""

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from contracts.toml_plaats import BestandFouten

app = typer.Typer(
    name="houvast",
    help="Houvast: niet loslaten voordat een ander overneemt.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"houvast {version('houvast')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Toon de versie.")
    ] = False,
) -> None:
    """Houvast: niet loslaten voordat een ander overneemt."""


def mount() -> None:
    """Add every command; `up`, `demo` and `bench` where the lab is installed, by name, for nothing below imports it."""
    from services.cli import (
        afspraken,
        dlq,
        gemeente,
        herstel,
        leestabellen,
        login,
        rechten,
        register,
        run,
        schemas,
        token,
        wie,
    )

    app.command("run")(run.run)
    app.command("token")(token.token)
    app.command("inloglink")(token.inloglink)
    app.command("login")(login.login)
    app.command("herstel")(herstel.herstel)
    app.command("rechten")(rechten.rechten)
    app.command("wie")(wie.wie)
    app.add_typer(afspraken.app, name="afspraken", help="De samenwerkingsafspraken lezen, controleren, vergelijken.")
    app.add_typer(dlq.app, name="dlq", help="Terzijde gelegde berichten.")
    app.add_typer(gemeente.app, name="gemeente", help="Endpoints van gemeenten: stand, proef, pauze, opnieuw, geheim.")
    app.add_typer(leestabellen.app, name="leestabellen", help="Wat de pagina's en de API lezen, opnieuw maken.")
    app.add_typer(register.app, name="register", help="Wie is wie: nu, eerder, en een nieuwe versie.")
    app.add_typer(schemas.app, name="schemas", help="JSON Schema's, AsyncAPI en OpenAPI.")
    if find_spec("lab") is not None:
        import_module("lab.commands").mount(app)


def main() -> None:
    """Run the command line; errors in files and settings are printed whole, without a traceback."""
    from services.cli.reach import NeverStarted
    from services.runtime.process.starting import ServerStartError
    from services.runtime.settings import SettingsFouten

    mount()
    try:
        app()
    except (BestandFouten, SettingsFouten, NeverStarted, ServerStartError) as error:
        typer.echo(str(error), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
