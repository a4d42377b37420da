"""What the sentences of `gegeven` and `wanneer` share: who acts, on what, and the request it becomes."""

from collections.abc import Awaitable, Callable
from datetime import UTC
from typing import Any
from uuid import UUID

from contracts.messages.identifiers import derived_id
from contracts.messages.topics import Service
from tests.scenarios.gegevens import Inhoud, huishouden
from tests.scenarios.momenten import GeenMoment, read_moment
from tests.scenarios.vertelling import KloptNiet, Regel, Verteller
from tests.scenarios.vormen import VORMEN
from tests.scenarios.wereld import Antwoord, Daad, Rij
from tests.scenarios.woordenschat import Woordenschat

GEBEURT: Woordenschat[Callable[[Verteller, Regel], Awaitable[None]]] = Woordenschat()

KETENPARTNER = "de ketenpartner"
"""The party that the last overdracht to another than a gemeente went to."""
_ESCALATIE_OPEN = ("open", "opgepakt")


def veilig_thuis(verteller: Verteller) -> str:
    """The Veilig Thuis of the region of the story."""
    return f"veilig-thuis-{verteller.verhaal.regio}"


def partij(verteller: Verteller, naam: str) -> str:
    """The code of a party by the word a story has for it."""
    match naam:
        case "Veilig Thuis":
            return veilig_thuis(verteller)
        case "het meldpunt":
            return f"meldpunt-{verteller.verhaal.regio}"
        case "het lokale team" | "de gemeente":
            return verteller.verhaal.gemeente
        case _ if verteller.wereld.register.knows(naam):
            return naam
        case _:
            return ketenpartner(verteller, naam) or gemeente(verteller, naam)


def ketenpartner(verteller: Verteller, naam: str) -> str | None:
    """The code of a party other than a gemeente by its name; None where no party is called that."""
    return next((item.code for item in verteller.wereld.register.partijen() if item.naam == naam), None)


def gemeente(verteller: Verteller, naam: str) -> str:
    """The code of a gemeente by its name."""
    on = verteller.wereld.now().date()
    found = [item.code for item in verteller.wereld.register.gemeenten(on) if item.naam == naam]
    if not found:
        raise KloptNiet(f"{naam!r} staat niet in het register")
    return found[0]


async def overdracht_of(verteller: Verteller, regel: Regel, naam: str | None = None) -> Rij:
    """The last overdracht of the case, or the last one to this gemeente or party, or to any other than a gemeente."""
    rows = sorted(
        await verteller.rows(Service.HANDOVER, "overdracht", regel),
        key=lambda row: str(row["aangemaakt_op"]),
    )
    if naam == KETENPARTNER:
        rows = [row for row in rows if row["partij"] is not None]
    elif naam is not None:
        code = partij(verteller, naam)
        rows = [row for row in rows if receiver_of(row) == code]
    if not rows:
        raise KloptNiet("er is geen overdracht")
    return rows[-1]


async def escalatie_of(verteller: Verteller, regel: Regel, about: str | None) -> Rij:
    """The one escalatie that runs, or the one about this termijn."""
    rows = await verteller.rows(Service.MONITORING, "escalatie", regel)
    found = [row for row in rows if row["status"] in _ESCALATIE_OPEN and about in {None, row["regel_id"]}]
    if len(found) != 1:
        raise KloptNiet(
            f"er lopen {len(found)} escalaties; noem met `over` welke: {[row['regel_id'] for row in found]}",
        )
    return found[0]


async def act_as_team(verteller: Verteller, regel: Regel, vorm: str, body: Inhoud) -> None:
    overdracht = await overdracht_of(verteller, regel, regel.gat("wie") or regel.gat("gemeente"))
    await act(verteller, regel, vorm, body, over=UUID(str(overdracht["id"])), door=receiver_of(overdracht))


def receiver_of(overdracht: Rij) -> str:
    """Whom it went to: a gemeente or another party."""
    return str(overdracht["partij"] or overdracht["gemeente"])


async def act(
    verteller: Verteller,
    regel: Regel,
    vorm: str,
    body: Inhoud,
    *,
    over: UUID | None,
    door: str | None = None,
) -> Antwoord:
    assert vorm in VORMEN
    daad = Daad(vorm, door or veilig_thuis(verteller), body, verteller.new_key(), verteller.zaak(regel).casus_id, over)
    return await verteller.do(daad)


def melding_of(verteller: Verteller, regel: Regel) -> UUID:
    melding_id = verteller.zaak(regel).melding_id
    if melding_id is None:
        raise KloptNiet("Veilig Thuis heeft in deze casus geen melding")
    return melding_id


def dienst_of(verteller: Verteller, regel: Regel) -> UUID:
    dienst_id = verteller.zaak(regel).dienst_id
    if dienst_id is None:
        raise KloptNiet("er is geen dienst gestart")
    return dienst_id


def new_kenmerk(verteller: Verteller) -> str:
    """The sender's own reference: another one for every melding."""
    return str(derived_id("kenmerk", verteller.new_key()))


def household_of(verteller: Verteller, regel: Regel) -> Inhoud:
    name = regel.velden.get("huishouden", f"casus {regel.casus}")
    return huishouden(f"{verteller.verhaal.bestand}/{name}")


def ontvangers_of(verteller: Verteller, regel: Regel) -> list[dict[str, Any]]:
    names = regel.velden.get("aan")
    if names is not None:
        return [_ontvanger(verteller, name) for name in names]
    team = regel.velden.get("team")
    return [{"gemeente": verteller.zaak(regel).gemeente} | ({"team": team} if team else {})]


def _ontvanger(verteller: Verteller, naam: str) -> dict[str, Any]:
    code = ketenpartner(verteller, naam)
    return {"gemeente": gemeente(verteller, naam)} if code is None else {"partij": code}


def moment_of(regel: Regel, name: str) -> str | None:
    if name not in regel.velden:
        return None
    try:
        return read_moment(regel.velden[name]).astimezone(UTC).isoformat()
    except GeenMoment as error:
        raise KloptNiet(str(error)) from None
