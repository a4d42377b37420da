"""What the lab adds to the command line."""

import typer


def mount(app: typer.Typer) -> None:
    """Add `up`, `demo` and `bench`."""
    from lab import bench, demo, up

    app.command("up")(up.up)
    app.command("demo")(demo.demo)
    app.add_typer(bench.app, name="bench", help="Meten wat Houvast op deze machine doet.")
