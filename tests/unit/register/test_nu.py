"""The register as it is now: read like any other, changed underneath as a whole."""

import asyncio
from datetime import date

from contracts.afspraken import Drager
from contracts.register import Register, RegisterNu, one_register
from services.monitoring.adapters.partijen import RegisterPartijen
from tests.unit.triage.road import sample_register

ON = date(2026, 3, 2)


def renamed() -> Register:
    """The sample, with other names for everybody and another code for a Veilig Thuis."""
    sample = sample_register()
    partijen = [
        partij.model_copy(update={"naam": f"Nieuw {partij.naam}", "code": partij.code.replace("veilig-thuis", "vt")})
        for partij in sample.partijen()
    ]
    gemeenten = [gemeente.model_copy(update={"naam": f"Nieuw {gemeente.naam}"}) for gemeente in sample.entries()]
    return Register(gemeenten=gemeenten, partijen=partijen)


def test_who_keeps_hold_of_it_reads_the_new_one() -> None:
    nu = RegisterNu(sample_register())
    naam, partijen = nu.naam, RegisterPartijen(nu)
    assert naam("GM0758") == "Breda"
    assert partijen.code(Drager.VEILIG_THUIS, regio="west-brabant", gemeente="") == "veilig-thuis-west-brabant"
    nu.become(renamed())
    assert naam("GM0758") == nu.gemeente("GM0758", on=ON).naam == "Nieuw Breda"
    assert partijen.code(Drager.VEILIG_THUIS, regio="west-brabant", gemeente="") == "vt-west-brabant"


async def _look(nu: RegisterNu, begun: asyncio.Event, changed: asyncio.Event) -> tuple[str, str]:
    with one_register():
        first = nu.naam("GM0758")
        begun.set()
        await changed.wait()
        return first, nu.naam("GM0758")


def test_each_who_is_under_way_sees_the_version_with_which_it_began() -> None:
    """Also who began before another did."""

    async def run() -> tuple[tuple[str, str], tuple[str, str]]:
        nu, changed = RegisterNu(sample_register()), asyncio.Event()
        begun = [asyncio.Event(), asyncio.Event()]
        early = asyncio.create_task(_look(nu, begun[0], changed))
        await begun[0].wait()
        nu.become(renamed())
        late = asyncio.create_task(_look(nu, begun[1], changed))
        await begun[1].wait()
        changed.set()
        return await early, await late

    assert asyncio.run(run()) == (("Breda", "Breda"), ("Nieuw Breda", "Nieuw Breda"))
