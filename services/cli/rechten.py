"""`houvast rechten`: who may do what, by role, act and relation; the table that page and API ask, in words."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Collection

    from contracts.afspraken.ankers import Rol
    from contracts.rechten import Daad


def rechten(
    rol: Annotated[str | None, typer.Option(help="Alleen wat iemand in deze rol mag: triagist, …")] = None,
    daad: Annotated[str | None, typer.Option(help="Alleen wie dit mag: casus-lezen, …")] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Als JSON, voor software.")] = False,
) -> None:
    """Toon wie wat mag: per rol en daad, en hoe de organisatie dan tot de casus staat.

    Een mens werkt voor zijn organisatie en mag hoogstens wat die mag. Een systeem heeft een token met scopes en geen rol.
    """
    from contracts.afspraken.ankers import Rol
    from contracts.rechten import DAAD_IN_WOORDEN, Daad

    wrong = [
        f"{option} {given!r} bestaat niet. Kies uit: {', '.join(known)}."
        for option, given, known in (("--rol", rol, [*map(str, Rol)]), ("--daad", daad, [*map(str, Daad)]))
        if given is not None and given not in known
    ]
    if wrong:
        typer.echo("\n".join(wrong), err=True)
        raise typer.Exit(2)
    roles = [Rol(rol)] if rol is not None else [*Rol]
    acts = [Daad(daad)] if daad is not None else [*Daad]
    if json:
        _print_json(roles, acts)
        return
    from services.cli.tabel import print_table

    for one in roles:
        rows = [(DAAD_IN_WOORDEN[act], _when(one, act), act.value) for act in acts if _relations(one, act)]
        if rows:
            print_table(f"Wie {one.label} is, kan", ("wat", "als de organisatie", "daad"), rows)
    systems = [(DAAD_IN_WOORDEN[act], act.value) for act in acts if rol is None and _only_systems(act)]
    if systems:
        print_table("Alleen een systeem kan", ("wat", "daad"), systems)
    if rol is not None and daad is not None and not _relations(roles[0], acts[0]):
        typer.echo(f"Wie {roles[0].label} is, kan dit niet: {DAAD_IN_WOORDEN[acts[0]]}.")


def _relations(rol: "Rol", daad: "Daad") -> tuple[str, ...]:
    """In which relations of its party a person in this role may do it."""
    from contracts.rechten import Relatie, may

    return tuple(relatie.value for relatie in Relatie if may(daad, {relatie}, {rol}))


def _when(rol: "Rol", daad: "Daad") -> str:
    from contracts.rechten import RELATIE_IN_WOORDEN, Relatie

    return "; of ".join(RELATIE_IN_WOORDEN[Relatie(relatie)] for relatie in _relations(rol, daad))


def _only_systems(daad: "Daad") -> bool:
    from contracts.rechten import roles_for

    return not roles_for(daad)


def _print_json(roles: "Collection[Rol]", acts: "Collection[Daad]") -> None:
    import orjson

    from contracts.rechten import DAAD_IN_WOORDEN, SCOPES

    found = [
        {
            "daad": act.value,
            "inWoorden": DAAD_IN_WOORDEN[act],
            "scopes": [scope.value for scope in SCOPES[act]],
            "rollen": {rol.value: relations for rol in roles if (relations := _relations(rol, act))},
        }
        for act in acts
    ]
    typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
