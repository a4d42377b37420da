"""The bridge from the Meldpunt Crisiszorg (BK part II)."""

from typing import Any

import orjson
import pytest

from contracts.messages.envelope import CloudEvent
from contracts.messages.topics import Service
from contracts.messages.triage import (
    MeldingOntvangen,
    MeldpuntmeldingAangeboden,
    MeldpuntmeldingDoorgezet,
    MeldpuntmeldingOvergenomen,
    MeldpuntUitkomst,
    SamenloopGesignaleerd,
)
from services.runtime.access.actor import Actor
from services.runtime.access.letter_box import Brievenbus
from services.runtime.access.sealing import MasterKey
from services.runtime.in_memory.world import MASTER, DeadLetterFound
from services.triage.domain.huishouden import Radar
from services.triage.domain.invoer import AdviesvraagInvoer, MeldpuntmeldingInvoer, OvernameInvoer
from services.triage.handlers.commands import ReceiveMeldpuntmelding, RegisterAdviesvraag, TakeOverMeldpuntmelding
from tests.builders.brievenbus import seal_to
from tests.unit.triage.road import BREDA, MELDPUNT, VT_MB, VT_WB, Road, answer, case, example, places, refused

pytestmark = pytest.mark.anyio


async def take_over(road: Road, *, actor: Actor = VT_WB, door: str | None = None, bewijs: Any = None) -> Any:
    invoer = OvernameInvoer.model_validate({"door": door, "bewijs": bewijs})
    return await road.triage(case("a"), TakeOverMeldpuntmelding(invoer), actor)


async def test_a_suspicion_of_hgkm_goes_to_veilig_thuis_in_the_same_case() -> None:
    road = Road()
    body = answer(await road.meld_at_meldpunt())
    assert (body["status"], body["doorgezetNaar"]) == ("doorgezet", "veilig-thuis")
    assert road.names() == [
        "meldpuntmelding-ontvangen",
        "meldpuntmelding-doorgezet",
        "melding-ontvangen",
        "triageadvies-bepaald",
    ]
    (melding,) = (event for event in road.events() if isinstance(event, MeldingOntvangen))
    assert (melding.bron, melding.urgentie) == ("meldpunt", "crisis")
    assert str(melding.meldpuntmelding_id) == body["id"]


async def test_a_suspicion_goes_to_veilig_thuis_whatever_the_outcome_says() -> None:
    road = Road()
    answer(await road.meld_at_meldpunt(uitkomst="lokale-veld", vermoedenHgkm=True, crisis=False))
    (event,) = (event for event in road.events() if isinstance(event, MeldpuntmeldingDoorgezet))
    assert event.naar is MeldpuntUitkomst.VEILIG_THUIS


@pytest.mark.parametrize("uitkomst", [uitkomst for uitkomst in MeldpuntUitkomst if uitkomst != "veilig-thuis"])
async def test_without_suspicion_veilig_thuis_hears_nothing(uitkomst: MeldpuntUitkomst) -> None:
    road = Road()
    body = answer(await road.meld_at_meldpunt(uitkomst=uitkomst.value, vermoedenHgkm=False))
    stays = uitkomst in {MeldpuntUitkomst.ADVIES, MeldpuntUitkomst.WVGGZ_HOREN}
    assert body["status"] == ("vastgelegd" if stays else "doorgezet")
    assert "melding-ontvangen" not in road.names()


async def test_the_same_meldpuntmelding_twice_is_one() -> None:
    road = Road()
    assert answer(await road.meld_at_meldpunt()) == answer(await road.meld_at_meldpunt())
    assert road.names().count("meldpuntmelding-ontvangen") == 1
    assert refused(await road.meld_at_meldpunt(crisis=False)).code == "kenmerk-hergebruikt"


async def test_veilig_thuis_takes_over_once() -> None:
    """BK 4.4: until another party has accepted, the meldpunt keeps the regie."""
    road = Road()
    answer(await road.meld_at_meldpunt())
    body = answer(await take_over(road))
    assert (body["status"], body["overgenomenDoor"]) == ("overgenomen", VT_WB.partij)
    assert answer(await take_over(road)) == body
    assert road.names().count("meldpuntmelding-overgenomen") == 1


async def test_a_triagebesluit_is_an_overname_also_when_nobody_said_so() -> None:
    road = Road()
    answer(await road.meld_at_meldpunt())
    answer(await road.decide())
    (event,) = (event for event in road.events() if isinstance(event, MeldpuntmeldingOvergenomen))
    assert event.door == VT_WB.partij
    assert road.names().index("meldpuntmelding-overgenomen") < road.names().index("triagebesluit-genomen")


async def test_the_meldpunt_names_a_party_and_that_party_is_asked() -> None:
    """BK 4.4.1: until it takes over itself the meldpunt keeps the regie."""
    road = Road()
    answer(await road.meld_at_meldpunt(uitkomst="lokale-veld", vermoedenHgkm=False))
    assert places(await take_over(road, actor=MELDPUNT)) == {"door"}
    assert places(await take_over(road, actor=MELDPUNT, door="niemand")) == {"door"}
    assert places(await take_over(road, actor=MELDPUNT, door=MELDPUNT.partij)) == {"door"}
    assert refused(await take_over(road, actor=BREDA)).status == 404
    body = answer(await take_over(road, actor=MELDPUNT, door="GM0758"))
    assert (body["status"], body["aangebodenAan"], "overgenomenDoor" in body) == ("doorgezet", "GM0758", False)
    assert answer(await take_over(road, actor=MELDPUNT, door="GM0758")) == body
    assert road.names().count("overname-aangeboden") == 1
    second = answer(await take_over(road, actor=MELDPUNT, door="ggz-crisisdienst-west-brabant"))
    assert second["aangebodenAan"] == "ggz-crisisdienst-west-brabant"
    assert second["openAanbiedingen"] == ["GM0758", "ggz-crisisdienst-west-brabant"]
    taken = answer(await take_over(road, actor=BREDA))
    assert (taken["status"], taken["overgenomenDoor"]) == ("overgenomen", "GM0758")
    assert "openAanbiedingen" not in taken
    assert answer(await take_over(road, actor=BREDA)) == taken
    assert refused(await take_over(road)).status == 409
    assert refused(await take_over(road, actor=MELDPUNT, door="GM0758")).status == 404


async def test_a_proof_counts_until_that_party_takes_over_itself() -> None:
    road = Road()
    answer(await road.meld_at_meldpunt(uitkomst="lokale-veld", vermoedenHgkm=False))
    said = {"functie": "wijkteammedewerker", "op": road.now}
    body = answer(await take_over(road, actor=MELDPUNT, door="GM0758", bewijs=said))
    assert (body["status"], body["overgenomenDoor"]) == ("overgenomen", "GM0758")
    assert refused(await take_over(road)).status == 409
    assert road.names().count("meldpuntmelding-overgenomen") == 0
    assert answer(await take_over(road, actor=BREDA))["overgenomenDoor"] == "GM0758"
    assert road.names().count("meldpuntmelding-overgenomen") == 1


async def test_nobody_takes_over_for_another() -> None:
    road = Road()
    answer(await road.meld_at_meldpunt())
    assert answer(await take_over(road, actor=MELDPUNT, door=VT_WB.partij))["status"] == "doorgezet"
    said = {"functie": "triagist", "op": road.now}
    assert places(await take_over(road, actor=MELDPUNT, door=VT_WB.partij, bewijs=said)) == {"bewijs"}
    assert places(await take_over(road, actor=MELDPUNT, door="GM0758")) == {"door"}
    assert places(await take_over(road, door="GM0758")) == {"door"}
    assert refused(await take_over(road, actor=BREDA)).status == 404
    assert refused(await take_over(road, actor=VT_MB)).status == 404


async def test_there_is_nothing_to_take_over_in_an_ordinary_melding() -> None:
    road = Road()
    assert refused(await take_over(road)).status == 404
    await road.meld()
    assert refused(await take_over(road)).status == 404


async def test_a_household_that_is_already_being_worked_with_is_a_samenloop() -> None:
    """BK 4.4: the meldpunt and a gemeente do not both work the same melding."""
    road = Road()
    invoer = MeldpuntmeldingInvoer.model_validate(example("meldpuntmelding"))
    radar = Radar(("sleutel",), (case("b"), case("c")), (case("b"),))
    answer(await road.triage(case("a"), ReceiveMeldpuntmelding(invoer, radar), MELDPUNT))
    (event,) = (event for event in road.events() if isinstance(event, SamenloopGesignaleerd))
    assert event.andere_casussen == (case("b"),)


async def test_only_a_meldpunt_brings_a_meldpuntmelding_and_every_reason_is_named() -> None:
    road = Road()
    reply = await road.meld_at_meldpunt(actor=VT_WB, gemeente="GM9999", melder={}, ontvangenOp="2030-01-01T00:00:00Z")
    assert places(reply) == {"$", "gemeente", "melder.naam", "ontvangenOp"}
    assert road.events() == []


def offered(road: Road, **changes: Any) -> CloudEvent[MeldpuntmeldingAangeboden]:
    """A record of an intake system."""
    sealed = seal_to(Brievenbus(MASTER).public_jwk, orjson.dumps(example("meldpuntmelding", **changes)))
    data = MeldpuntmeldingAangeboden(meldpunt=MELDPUNT.partij, melding=sealed)
    source = "urn:nld:oin:00000099000000002000:systeem:intake"
    return CloudEvent("1", source, case("a"), road.now, None, data)


async def test_a_record_of_an_intake_system_takes_the_same_road() -> None:
    road = Road()
    await road.world.offer(offered(road))
    assert road.names()[1:] == [
        "meldpuntmelding-ontvangen",
        "meldpuntmelding-doorgezet",
        "melding-ontvangen",
        "triageadvies-bepaald",
    ]
    assert road.world.state(Service.TRIAGE, case("a")).meldpuntmelding.meldpunt == MELDPUNT.partij


@pytest.mark.parametrize("changes", [{"gemeente": "GM9999"}, {"crisis": "misschien"}, {"onbekend": 1}])
async def test_a_record_that_says_nonsense_is_set_aside_with_the_place_and_without_the_value(
    changes: dict[str, Any],
) -> None:
    road = Road()
    with pytest.raises(DeadLetterFound) as error:
        await road.world.offer(offered(road, **changes))
    (place,) = changes
    assert place in str(error.value)
    assert "misschien" not in str(error.value)


async def test_what_is_no_text_in_a_record_is_set_aside_with_its_place_and_all_the_rest() -> None:
    road = Road()
    melder = example("meldpuntmelding")["melder"] | {"naam": "a\x07"}
    with pytest.raises(DeadLetterFound) as error:
        await road.world.offer(offered(road, melder=melder, omschrijving="b\x00", onbekend=1))
    for place in ("melding.melder.naam", "melding.omschrijving", "melding.onbekend"):
        assert place in str(error.value)
    assert len(road.events()) == 1, "the record itself"


async def test_a_record_sealed_to_another_hub_is_set_aside_with_the_place() -> None:
    road = Road()
    elsewhere = Brievenbus(MasterKey.generate()).public_jwk
    sealed = seal_to(elsewhere, orjson.dumps(example("meldpuntmelding")))
    data = MeldpuntmeldingAangeboden(meldpunt=MELDPUNT.partij, melding=sealed)
    source = "urn:nld:oin:00000099000000002000:systeem:intake"
    with pytest.raises(DeadLetterFound, match="openbare sleutel"):
        await road.world.offer(CloudEvent("1", source, case("a"), road.now, None, data))
    assert road.names()[1:] == []


async def test_a_case_begins_once_whatever_comes_under_its_id() -> None:
    """A record of outside names its own case; it never writes over another."""
    road = Road()
    answer(await road.meld())
    answer(await road.meld_at_meldpunt("b"))
    vraag = RegisterAdviesvraag(AdviesvraagInvoer.model_validate(example("adviesvraag")))
    for reply in (await road.meld_at_meldpunt("a"), await road.meld("b"), await road.triage(case("a"), vraag)):
        assert (refused(reply).status, refused(reply).code) == (409, "casus-bestaat-al")
