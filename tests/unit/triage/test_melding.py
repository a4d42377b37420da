"""A melding arrives: advised, linked, sealed, and refused with every reason at once."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import Triagefeit
from contracts.messages.documenten import Persoonsgegevens
from contracts.messages.topics import Service
from contracts.messages.triage import Advies, HermeldingHerkend, MeldingOntvangen, TriageadviesBepaald
from services.runtime.access.sealing import SealerBatch
from services.runtime.in_memory.world import MASTER
from services.runtime.unit.decision import Incoming, Rejected
from services.triage.domain.huishouden import huishouden_sleutels
from services.triage.domain.invoer import AdviesvraagInvoer, FeitenAanvulling, FeitenInvoer, MeldingInvoer
from services.triage.handlers.commands import AddFeiten, RegisterAdviesvraag
from tests.examples import examples
from tests.unit.triage.road import BREDA, VT_MB, VT_WB, Road, answer, case, example, places, refused

pytestmark = pytest.mark.anyio


async def test_a_melding_is_received_and_advised_in_its_region() -> None:
    """MB 4; WB c: without a contra-indicatie it goes to the lokaal team."""
    road = Road()
    body = answer(await road.meld())
    assert (body["regio"], body["gemeente"]) == ("west-brabant", "GM0758")
    assert body["triageadvies"]["advies"] == "directe-overdracht"
    assert road.names() == ["melding-ontvangen", "triageadvies-bepaald"]
    received = road.events()[0]
    assert isinstance(received, MeldingOntvangen)
    assert (received.aantal_betrokkenen, received.minderjarigen_betrokken, received.melder_anoniem) == (3, True, False)


async def test_every_reason_of_the_advice_is_in_the_journal_with_its_rule() -> None:
    road = Road()
    await road.meld(feiten={"ernstigLetsel": True})
    journal = road.world.services[Service.TRIAGE].store.tables.journal
    lines = [row.line for row in journal if row.line.what == "triageadvies-bepaald"]
    assert lines
    assert all(line.rule_id and line.rule_version == "west-brabant-2022" for line in lines)


async def test_an_anonymous_melder_and_a_closed_family_are_advised_a_dienst() -> None:
    """MB 4, first contra-indicatie: not a directe overdracht."""
    road = Road()
    melder = {"wilAnoniemBlijven": True}
    body = answer(await road.meld(melder=melder, feiten={"betrokkenenNietOpenVoorHulp": True}))
    assert body["triageadvies"]["advies"] == "dienst"


async def test_what_only_professionals_conclude_is_asked_and_not_inferred() -> None:
    """MB 4, last contra-indicatie; stalking with a low SASH score is the exception."""
    road = Road()
    await road.meld(feiten={"stalking": True})
    await road.meld("b", feiten={"stalking": True, "sashScoreLaag": True})
    asked, settled = (
        next(event for event in road.events(casus) if isinstance(event, TriageadviesBepaald)) for casus in "ab"
    )
    assert (asked.advies, settled.advies) == (Advies.OVERLEG, Advies.DIRECTE_OVERDRACHT)
    assert [vraag.oordeel for vraag in asked.te_beoordelen] == ["kennis_lokaal_team_onvoldoende"]
    assert asked.te_beoordelen[0].vraag


async def test_facts_that_become_known_later_change_the_advice() -> None:
    road = Road()
    answer(await road.meld())
    added = FeitenAanvulling.model_validate(example("feiten", feiten={"ernstigLetsel": True}))
    body = answer(await road.triage(case("a"), AddFeiten(added)))
    assert body["triageadvies"]["advies"] == "dienst"
    again = answer(await road.triage(case("a"), AddFeiten(added)))
    assert again["triageadvies"] == body["triageadvies"]
    assert road.names().count("triageadvies-bepaald") == 2


async def test_the_same_reference_from_the_same_party_is_the_same_melding() -> None:
    road = Road()
    first = answer(await road.meld(kenmerk="VT-1"))
    second = answer(await road.meld(kenmerk="VT-1"))
    assert first == second
    assert road.names() == ["melding-ontvangen", "triageadvies-bepaald"]


async def test_the_same_reference_with_another_content_is_refused() -> None:
    road = Road()
    answer(await road.meld(kenmerk="VT-1"))
    reply = refused(await road.meld(kenmerk="VT-1", omschrijving="iets anders"))
    assert (reply.status, reply.code) == (409, "kenmerk-hergebruikt")


async def test_an_earlier_case_of_the_household_makes_a_hermelding() -> None:
    """MB 3.1, radarfunctie."""
    road = Road()
    answer(await road.meld())
    body = answer(await road.meld("b"))
    assert body["hermelding"] is True
    (event,) = (event for event in road.events("b") if isinstance(event, HermeldingHerkend))
    assert event.eerdere_casussen == (case("a"),)


def test_the_keys_of_a_household_meet_whatever_the_spelling_and_name_nobody() -> None:
    road = Road()
    first = MeldingInvoer.model_validate(example("melding"))
    respelt = example("melding")
    respelt["betrokkenen"][0]["naam"] = "  femke   VOORBEELD "
    respelt["adres"]["postcode"] = "4899ZZ"
    second = MeldingInvoer.model_validate(respelt)
    keys = huishouden_sleutels(first, road.kader.blind, now=road.now).eigen
    assert keys == huishouden_sleutels(second, road.kader.blind, now=road.now).eigen
    assert len(keys) == len(set(keys))
    assert not any(word in " ".join(keys).lower() for word in ("femke", "999912008", "4899"))


async def test_nothing_about_people_can_be_read_where_it_rests_or_travels() -> None:
    """G6: sealed in the event, in the state and in the read table."""
    road = Road()
    await road.meld()
    raw = b"".join(raw for topic in road.world.topics.values() for raw in topic)
    rows = json.dumps(road.world.view(Service.TRIAGE, "melding"), default=str)
    state = repr(road.world.state(Service.TRIAGE, case("a")))
    for word in ("Femke", "Voorbeeld", "999912008", "Verzonnen", "glasgerinkel"):
        assert word.encode() not in raw
        assert word not in rows
        assert word not in state
    sealed = road.world.state(Service.TRIAGE, case("a")).melding.persoonsgegevens
    opened = SealerBatch(MASTER, road.world.keys).for_case(case("a")).open(sealed, Persoonsgegevens)
    assert opened.betrokkenen[0].naam == "Femke Voorbeeld"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"gemeente": "GM9999"}, "gemeente"),
        ({"gemeente": "GM1723"}, "gemeente"),
        ({"ontvangenOp": "2026-03-02T09:06:00+01:00"}, "ontvangenOp"),
        ({"ontvangenOp": "2026-01-20T09:00:00+01:00"}, "ontvangenOp"),
        ({"melder": {"organisatie": "Politie"}}, "melder.naam"),
        ({"melder": {"wilAnoniemBlijven": True}, "feiten": {"melderWilAnoniem": False}}, "feiten.melderWilAnoniem"),
        ({"omschrijving": "é" * 20_000, "betrokkenen": [{"naam": "x" * 200, "rol": "kind"}] * 40}, "$"),
    ],
)
async def test_a_melding_that_cannot_be_true_is_refused_with_the_place(changes: dict[str, Any], place: str) -> None:
    """Alphen-Chaam (GM1723) left the region on 1 January 2023 (BK)."""
    road = Road()
    reply = refused(await road.meld(**changes))
    assert reply.status == 400
    assert place in places(reply)
    assert road.events() == []


async def test_all_reasons_are_named_at_once() -> None:
    road = Road()
    reply = await road.meld(gemeente="GM9999", ontvangenOp="2027-01-01T00:00:00Z", melder={"functie": "agent"})
    assert places(reply) == {"gemeente", "ontvangenOp", "melder.naam"}


async def test_a_veilig_thuis_takes_no_melding_for_another_region() -> None:
    road = Road()
    assert places(await road.meld(actor=VT_MB)) == {"gemeente"}


async def test_facts_can_be_added_by_the_veilig_thuis_of_the_region_alone() -> None:
    road = Road()
    await road.meld()
    added = FeitenAanvulling.model_validate(example("feiten", feiten={"pcf": True}))
    assert refused(await road.triage(case("a"), AddFeiten(added), VT_MB)).status == 404
    assert refused(await road.triage(case("a"), AddFeiten(added), BREDA)).status == 404
    assert refused(await road.triage(case("nergens"), AddFeiten(added), VT_WB)).status == 404


async def test_what_is_no_message_of_triage_is_refused() -> None:
    road = Road()
    with pytest.raises(Rejected, match="str"):
        road.world.services[Service.TRIAGE].definition.handle(
            None,
            Incoming(UUID(int=1), case("a"), "onzin"),
            road.context(),
        )


async def test_someone_whose_date_of_birth_is_not_known_is_a_child_when_the_melding_says_so() -> None:
    road = Road()
    betrokkenen = [{"naam": "N. Verzonnen", "rol": "ouder"}, {"naam": "K. Verzonnen", "rol": "kind"}]
    answer(await road.meld(betrokkenen=betrokkenen, adres=None))
    (received,) = (event for event in road.events() if isinstance(event, MeldingOntvangen))
    assert received.minderjarigen_betrokken


async def test_no_facts_or_facts_after_the_besluit_are_refused() -> None:
    road = Road()
    await road.meld()
    empty = FeitenAanvulling.model_validate(example("feiten", feiten={}))
    assert places(await road.triage(case("a"), AddFeiten(empty))) == {"feiten"}
    answer(await road.decide())
    late = FeitenAanvulling.model_validate(example("feiten", feiten={"pcf": True}))
    assert refused(await road.triage(case("a"), AddFeiten(late))).status == 409


def test_the_api_takes_every_fact_of_the_glossary_and_no_other() -> None:
    assert list(FeitenInvoer.model_fields) == [feit.value for feit in Triagefeit]


async def test_an_adviesvraag_is_counted_in_the_region_of_whoever_was_asked() -> None:
    """AEF 2.2: it holds nothing about a person, so it needs no gemeente."""
    road = Road()
    invoer = AdviesvraagInvoer.model_validate(example("adviesvraag", gemeente=None, regio=None))
    first = answer(await road.triage(case("a"), RegisterAdviesvraag(invoer)))
    assert first == answer(await road.triage(case("a"), RegisterAdviesvraag(invoer)))
    assert first["regio"] == "west-brabant"
    assert road.names() == ["adviesvraag-geregistreerd"]
    other = invoer.model_copy(update={"gesteld_op": road.now})
    assert refused(await road.triage(case("a"), RegisterAdviesvraag(other))).code == "kenmerk-hergebruikt"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"gemeente": "GM9999"}, "gemeente"),
        ({"gemeente": None, "regio": "atlantis"}, "regio"),
        ({"gesteldOp": "2026-03-03T09:00:00Z"}, "gesteldOp"),
    ],
)
async def test_an_adviesvraag_from_nowhere_is_refused(changes: dict[str, Any], place: str) -> None:
    road = Road()
    invoer = AdviesvraagInvoer.model_validate(example("adviesvraag", **changes))
    assert places(await road.triage(case("a"), RegisterAdviesvraag(invoer))) == {place}


async def test_an_adviesvraag_of_an_unknown_party_needs_a_region() -> None:
    road = Road()
    invoer = AdviesvraagInvoer.model_validate(example("adviesvraag", gemeente=None, regio=None))
    assert places(await road.triage(case("a"), RegisterAdviesvraag(invoer), BREDA)) == {"regio"}


@examples(25)
@given(days=st.integers(0, 30), minutes=st.integers(-5, 60))
async def test_any_moment_within_the_limits_is_taken(days: int, minutes: int) -> None:
    road = Road()
    moment = road.now - timedelta(days=days, minutes=minutes)
    assert answer(await road.meld(ontvangenOp=moment.isoformat()))["regio"] == "west-brabant"


def _born(*days: str) -> list[dict[str, str]]:
    return [{"naam": "Noor Voorbeeld", "rol": "kind", "geboortedatum": day} for day in days]


IMPOSSIBLE = "ligt niet tussen 1 januari 1900 en vandaag"


async def test_a_day_of_birth_lies_between_1900_and_today() -> None:
    """Today is the day in Amsterdam by the clock of the hub, 2 March 2026 here; a child may be born today."""
    road = Road()
    born = _born("1899-12-31", "2026-03-02", "2026-03-03", "1900-01-01")
    reply = refused(await road.meld(betrokkenen=born))
    assert reply.status == 400
    assert [(problem.place, problem.message) for problem in reply.problems] == [
        ("betrokkenen.0.geboortedatum", IMPOSSIBLE),
        ("betrokkenen.2.geboortedatum", IMPOSSIBLE),
    ]
    answer(await road.meld(betrokkenen=_born("2026-03-02", "1900-01-01")))
    await road.pass_time(days=1)
    answer(await road.meld("b", betrokkenen=_born("2026-03-03")))


async def test_a_day_of_birth_is_looked_at_wherever_people_are_named() -> None:
    road = Road()
    assert places(await road.meld_at_meldpunt("m", betrokkenen=_born("2026-03-03"))) == {"betrokkenen.0.geboortedatum"}
    await road.meld()
    document = example("triagebesluit")["overdrachtsdocument"] | {"betrokkenen": _born("2031-01-01")}
    body = example("triagebesluit", overdrachtsdocument=document)
    assert places(await road.decide(body=body)) == {"overdrachtsdocument.betrokkenen.0.geboortedatum"}
