"""Cases in which a party had a role and lost it, each by another road; the ids are those that it knew."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.messages.topics import Service
from tests.fakes.rechtenhuis import (
    DOOR,
    GGZ,
    GGZ_WB,
    GOIRLE,
    MELDPUNT_WB,
    RUCPHEN,
    VT,
    VT_ELDERS,
    Geval,
    Huis,
    hand_over,
    intake,
)
from tests.unit.triage.road import example

SAFEGROUP = "safegroup"
BEWIJS = "bewijs"


@dataclass(frozen=True)
class Verloren(Geval):
    """`nu`: who has the case now, and reads it."""

    nu: str = VT


async def taken_up(huis: Huis) -> dict[str, str]:
    """A case of Goirle that its team took up, in which a meningsverschil calls it."""
    ids = await hand_over(huis)
    await huis.post(f"/overdracht/v1/overdrachten/{ids['overdrachten']}/verdelingen", example("verdeling"), GOIRLE)
    return ids


async def gave_back(huis: Huis) -> Verloren:
    ids = await taken_up(huis)
    form = example("terugkoppeling")
    await huis.post(f"/overdracht/v1/overdrachten/{ids['overdrachten']}/terugkoppelingen", form, GOIRLE)
    return Verloren(GOIRLE, ids)


async def not_taken_up(huis: Huis, wie: str, einde: str, by: str) -> Verloren:
    """What was handed to this party was refused by it, or withdrawn."""
    ids = await hand_over(huis, partij=None if wie == GOIRLE else wie)
    path = f"/overdracht/v1/overdrachten/{ids['overdrachten']}/{einde}"
    await huis.post(path, example(einde.removesuffix("en")), by)
    return Verloren(wie, ids)


async def offered(huis: Huis, *partijen: str, bewijs: bool = False) -> tuple[dict[str, str], list[str]]:
    """The team of Goirle has a case and says of these parties that they take it over."""
    ids, offers = await taken_up(huis), list[str]()
    for partij in partijen:
        body: dict[str, Any] = {"door": DOOR, "partij": partij}
        if bewijs:
            body[BEWIJS] = {"functie": "hoofd", "op": huis.klok.now().isoformat()}
        asked = await huis.post(f"/monitoring/v1/casussen/{ids['casus']}/aanvaardingen", body, GOIRLE)
        offers.append(str(asked["overdrachtId"]))
    return ids, offers


async def accept(huis: Huis, overdracht: str, by: str) -> None:
    await huis.post(f"/overdracht/v1/overdrachten/{overdracht}/verdelingen", example("verdeling"), by)


async def handed_on(huis: Huis, *, of_offer: bool = False, bewijs: bool = False) -> Verloren:
    """Another party took over from the team; the ids are of its own overdracht, or of what it offered."""
    ids, (offer,) = await offered(huis, SAFEGROUP, bewijs=bewijs)
    if not bewijs:
        await accept(huis, offer, SAFEGROUP)
    return Verloren(GOIRLE, ids | ({"overdrachten": offer} if of_offer else {}), nu=SAFEGROUP)


async def too_late(huis: Huis) -> Verloren:
    """Two were asked, and the other took over."""
    ids, (first, second) = await offered(huis, SAFEGROUP, GGZ)
    await accept(huis, first, SAFEGROUP)
    return Verloren(GGZ, _of_offer(ids, second), nu=SAFEGROUP)


async def no_longer_asked(huis: Huis) -> Verloren:
    ids, (offer,) = await offered(huis, GGZ)
    await huis.post(f"/overdracht/v1/overdrachten/{offer}/intrekkingen", example("intrekking"), GOIRLE)
    return Verloren(GGZ, _of_offer(ids, offer), nu=GOIRLE)


async def contradicted(huis: Huis) -> Verloren:
    """Others said that it accepted, and it says that it did not."""
    ids, (offer,) = await offered(huis, SAFEGROUP, bewijs=True)
    await huis.post(f"/overdracht/v1/overdrachten/{offer}/weigeringen", example("weigering"), SAFEGROUP)
    return Verloren(SAFEGROUP, _of_offer(ids, offer), nu=GOIRLE)


async def taken_from_meldpunt(huis: Huis) -> Verloren:
    """Veilig Thuis took over what the meldpunt took in."""
    return Verloren(
        MELDPUNT_WB, await intake(huis, door=VT_ELDERS, meldpunt=MELDPUNT_WB, gemeente=RUCPHEN), nu=VT_ELDERS
    )


async def accepted_from_meldpunt(huis: Huis) -> Verloren:
    """Whom the meldpunt asked took over; the ids are those of what it offered."""
    body = example("meldpuntmelding", gemeente=RUCPHEN, vermoedenHgkm=False, uitkomst="ggz-crisisdienst")
    taken = await huis.post("/triage/v1/meldpuntmeldingen", body, MELDPUNT_WB)
    ids = {"meldpuntmeldingen": str(taken["id"]), "casussen": str(taken["casusId"]), "casus": str(taken["casusId"])}
    await huis.post(f"/triage/v1/meldpuntmeldingen/{taken['id']}/overnames", {"door": GGZ_WB}, MELDPUNT_WB)
    offer = await huis.first(
        Service.HANDOVER, "select id::text from overdracht where casus_id = $1::uuid", ids["casus"]
    )
    await accept(huis, offer, GGZ_WB)
    return Verloren(MELDPUNT_WB, ids | {"overdrachten": offer}, nu=GGZ_WB)


async def read_along(huis: Huis) -> Verloren:
    """The team was told of a dienst, which has ended (WB b)."""
    melding = await huis.post("/triage/v1/meldingen", example("melding", gemeente=RUCPHEN), VT_ELDERS)
    casus = str(melding["casusId"])
    changes = {"besluit": "dienst-voorwaarden-vervolg", "redenAfwijking": "Eerst is meer zicht nodig."}
    body = example("triagebesluit", **changes, overdrachtsdocument=None, ontvangers=None)
    await huis.post(f"/triage/v1/meldingen/{casus}/triagebesluiten", body, VT_ELDERS)
    dienst = await huis.post(f"/triage/v1/casussen/{casus}/diensten", example("dienst"), VT_ELDERS)
    path = f"/monitoring/v1/casussen/{casus}"
    reads = await huis.http.get(path, headers={"authorization": f"Bearer {RUCPHEN}"})
    assert reads.status_code == 200, "it reads along while the dienst runs"
    reden = {"afgerondDoor": DOOR, "redenGeenOverdracht": "Het gezin is verhuisd."}
    await huis.post(f"/triage/v1/diensten/{dienst['id']}/afrondingen", reden, VT_ELDERS)
    ids = {"casus": casus, "casussen": casus, "meldingen": str(melding["id"]), "diensten": str(dienst["id"])}
    return Verloren(RUCPHEN, ids, casus, nu=VT_ELDERS)


def _of_offer(ids: dict[str, str], offer: str) -> dict[str, str]:
    """What who was asked knows of the case: not the link, the escalatie and the moments of the team."""
    known = {name: ids[name] for name in ("casus", "casussen", "escalaties", "monitormomenten")}
    return known | {"overdrachten": offer}


VERLOREN: Mapping[str, Callable[[Huis], Awaitable[Verloren]]] = {
    "gaf-terug": gave_back,
    "weigerde": lambda huis: not_taken_up(huis, GOIRLE, "weigeringen", GOIRLE),
    "ingetrokken": lambda huis: not_taken_up(huis, GOIRLE, "intrekkingen", VT),
    "keten-weigerde": lambda huis: not_taken_up(huis, GGZ, "weigeringen", GGZ),
    "keten-ingetrokken": lambda huis: not_taken_up(huis, GGZ, "intrekkingen", VT),
    "overgenomen": handed_on,
    "overgenomen-aanbod": lambda huis: handed_on(huis, of_offer=True),
    "overgenomen-volgens-bewijs": lambda huis: handed_on(huis, bewijs=True),
    "te-laat": too_late,
    "niet-meer-gevraagd": no_longer_asked,
    "betwistte": contradicted,
    "meldpunt-na-overname": taken_from_meldpunt,
    "meldpunt-na-aanvaarding": accepted_from_meldpunt,
    "meelezer": read_along,
}
"""How a party loses its role in a case, and a case in which that happened."""
