"""The link: what its token is, what is kept of it, how long it works, and what is asked of whoever has it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from contracts.afspraken import load_rule_book, local_date
from contracts.messages.handover import Kanaal
from contracts.messages.topics import Service
from services.handover.domain.bevestigen import (
    asked_of_receiver,
    digest_of,
    may_give_back,
    token_of,
    window_of,
    write_due,
    write_until,
    zicht_of_receiver,
)
from services.handover.domain.casus import Overdracht
from services.handover.domain.formulier import errors_by_field, list_criteria, read_medewerker, read_terugkoppeling
from services.handover.domain.invoer import TerugkoppelingInvoer
from services.handover.domain.kader import situatie
from services.handover.handlers.commands import NoteInzage
from services.handover.settings import HandoverSettings
from services.runtime.access.actor import Actor
from services.runtime.access.sealing import MasterKey
from services.runtime.in_memory.world import MASTER
from services.runtime.unit.decision import Attempt, Result
from tests.fakes.postkamer import GOIRLE, RUCPHEN
from tests.unit.triage.road import START, TILBURG, VT_MB, VT_WB, Road, answer, case, example, refused

TEAM = Actor(RUCPHEN, "houder van de link")
DIRECT, NA_DIENST = situatie("direct", None), situatie("na-dienst", None)
RULES = load_rule_book()
WB = RULES.for_case(regio="west-brabant", gemeente=RUCPHEN, on=local_date(START))
MB = RULES.for_case(regio="midden-brabant", gemeente=GOIRLE, on=local_date(START))


async def handed_over(gemeente: str = RUCPHEN) -> Road:
    road = Road(kanalen=frozenset({Kanaal.E_MAIL}))
    vt = VT_WB if gemeente == RUCPHEN else VT_MB
    answer(await road.meld(actor=vt, gemeente=gemeente))
    answer(await road.decide(actor=vt, body=example("triagebesluit", ontvangers=[{"gemeente": gemeente}])))
    return road


def only(road: Road) -> Overdracht:
    (overdracht,) = road.world.state(Service.HANDOVER, case("a")).overdrachten
    return overdracht


def test_a_token_is_256_bits_that_nobody_can_guess_from_another() -> None:
    tokens = {
        token_of(UUID(int=overdracht), ronde, master.token_of)
        for overdracht in (1, 2)
        for ronde in (1, 2)
        for master in (MASTER, MasterKey(b"a" * 32))
    }
    assert len(tokens) == 8
    assert {len(token) for token in tokens} == {43}
    assert token_of(UUID(int=1), 1, MASTER.token_of) in tokens


def test_a_token_is_no_index_under_the_same_key() -> None:
    """What stands readable in a table of indexes opens no page."""
    assert MASTER.token_of("bevestigen/1/1") != MASTER.index_of("bevestigen/1/1")


@pytest.mark.anyio
async def test_of_a_token_only_its_digest_is_kept() -> None:
    """Who reads the database cannot confirm anything."""
    road = await handed_over()
    overdracht = only(road)
    token = token_of(overdracht.id, 1, MASTER.token_of)
    assert overdracht.link is not None
    assert overdracht.link.digest == digest_of(token)
    (row,) = road.world.view(Service.HANDOVER, "bevestiglink")
    assert row["digest"] == digest_of(token)
    (request,) = road.endpoint.requests
    assert request.kind == "aflevering-e-mail"
    kept = repr(overdracht) + json.dumps(request.content) + json.dumps(row) + repr(road.events())
    assert token not in kept


@pytest.mark.anyio
async def test_an_overdracht_that_goes_another_road_has_no_link() -> None:
    road = Road()
    answer(await road.meld())
    answer(await road.decide())
    assert only(road).link is None
    assert road.world.view(Service.HANDOVER, "bevestiglink") == []


@pytest.mark.anyio
async def test_a_link_works_somewhat_longer_than_a_case_may_be_given_back() -> None:
    """MB 4.1: three months; elsewhere as long as was set."""
    chosen = HandoverSettings()
    link = only(await handed_over(GOIRLE)).link
    window = window_of(DIRECT, MB)
    assert link is not None
    assert window is not None
    assert link.geldig_tot == window.end(START, MB.kalender) + chosen.link_speling
    elsewhere = only(await handed_over(RUCPHEN)).link
    assert elsewhere is not None
    assert elsewhere.geldig_tot == START + chosen.link_geldig


@pytest.mark.anyio
async def test_reading_is_noted_with_who_under_the_seal_of_the_case() -> None:
    """NEN 7513; and again each time. Strangers read nothing."""
    road = await handed_over()
    overdracht_id = only(road).id
    medewerker = read_medewerker({"medewerker.naam": ["Robin Zandbak"], "medewerker.functie": ["medewerker"]})
    assert not isinstance(medewerker, tuple)
    for _ in range(2):
        answer(await road.handover(case("a"), NoteInzage(overdracht_id, "overdrachtsdocument", medewerker), TEAM))
    journal = road.world.services[Service.HANDOVER].store.tables.journal
    lines = [row.line for row in journal if row.line.what == "document-ingezien"]
    assert [line.facts["document"] for line in lines] == ["overdrachtsdocument"] * 2
    assert "Zandbak" not in repr(lines)
    assert str(lines[0].facts["medewerker"]).count(".") == 4
    answer(await road.handover(case("a"), NoteInzage(overdracht_id, "brief melder"), VT_WB))
    assert refused(await road.handover(case("a"), NoteInzage(overdracht_id, "brief"), TILBURG)).status == 404
    assert refused(await road.handover(case("a"), NoteInzage(UUID(int=0), "brief"), VT_WB)).status == 404


@pytest.mark.anyio
async def test_a_mail_that_could_not_be_sent_keeps_its_link_over_every_attempt() -> None:
    road = Road(kanalen=frozenset({Kanaal.E_MAIL}))
    road.endpoint.fails(Attempt(Result.TEMPORARY, "de mailserver neemt het bericht nu niet aan (SMTP 451)", 451))
    answer(await road.meld(gemeente=RUCPHEN))
    answer(await road.decide(body=example("triagebesluit", ontvangers=[{"gemeente": RUCPHEN}])))
    before = only(road).link
    road.endpoint.works()
    await road.pass_time(hours=1)
    assert only(road).link == before
    assert {request.content["ronde"] for request in road.endpoint.requests} == {1}


def test_what_is_asked_comes_from_the_afspraken() -> None:
    """WB: the ontvangstbevestiging. MB: that too (FS), and taking up (MB 4.1); after a dienst neither."""
    (confirm,) = asked_of_receiver(DIRECT, START, WB)
    assert write_due(confirm.uiterlijk_op) == "uiterlijk woensdag 4 maart 2026"
    asked = asked_of_receiver(DIRECT, START, MB)
    assert sorted(item.vindplaats.split()[0] for item in asked) == ["FS", "MB"]
    assert {write_due(item.uiterlijk_op) for item in asked} == {"uiterlijk maandag 9 maart 2026"}
    assert asked_of_receiver(NA_DIENST, START, MB) == ()
    zicht = zicht_of_receiver(DIRECT, WB)
    assert zicht is not None
    assert zicht.bron.document == "WB"
    assert zicht_of_receiver(DIRECT, replace(WB, regels=())) is None


def test_what_ends_at_midnight_works_until_the_day_before() -> None:
    assert write_until(datetime(2026, 6, 16, 22, tzinfo=UTC)) == "tot en met dinsdag 16 juni 2026"
    assert write_until(datetime(2026, 6, 17, 7, tzinfo=UTC)) == "tot woensdag 17 juni 2026 om 9.00 uur"


def test_a_moment_within_a_day_is_told_by_the_hour() -> None:
    assert write_due(START + timedelta(minutes=5)) == "uiterlijk maandag 2 maart 2026 om 9.05 uur"


def test_the_page_says_until_when_a_case_may_be_given_back() -> None:
    """MB 4.1: within three months, and only a directe overdracht. WB has agreed nothing about it."""
    open_until = may_give_back(DIRECT, START, MB, now=START)
    assert open_until.mag
    assert open_until.tot is not None
    assert not may_give_back(DIRECT, START, MB, now=open_until.tot).mag
    never = may_give_back(NA_DIENST, START, MB, now=START)
    assert (never.mag, never.tot) == (False, None)
    assert may_give_back(DIRECT, START, WB, now=START + timedelta(days=999)).mag


def test_the_boxes_are_those_of_the_region() -> None:
    """MB 7.1: one about no contact, the others after contact; a region without its own gets those of the form."""
    assert [box.na_contact for box in list_criteria(MB)] == [False, True, True, True, True]
    assert [box.waarde for box in list_criteria(WB)] == [box.waarde for box in list_criteria(MB)]
    assert "veiligheidsafspraken" in list_criteria(MB)[1].label


def test_a_form_that_is_filled_in_is_what_a_system_would_have_sent() -> None:
    sent = TerugkoppelingInvoer.model_validate(example("terugkoppeling"))
    typed = {
        "criteria": ["geen-contact"],
        "toelichting": [f"  {sent.toelichting} "],
        "gedragsdeskundigeGeraadpleegd": ["ja"],
        "gedragsdeskundigeToelichting": [sent.gedragsdeskundige_toelichting or ""],
        "betrokkenHulpverlening": [""],
        "afzender.naam": [sent.afzender.naam],
        "afzender.functie": [sent.afzender.functie],
        "afzender.organisatie": [sent.afzender.organisatie or ""],
        "afzender.telefoon": [sent.afzender.telefoon or ""],
        "werkdagenAfzender": [sent.werkdagen_afzender or ""],
    }
    assert read_terugkoppeling(typed) == sent


def test_an_empty_form_says_what_is_missing_at_each_field_and_in_order() -> None:
    problems = read_terugkoppeling({})
    assert isinstance(problems, tuple)
    fields = ("criteria", "toelichting", "gedragsdeskundigeGeraadpleegd", "afzender.naam", "afzender.functie")
    assert errors_by_field(problems, fields) == {
        "criteria": "Kies ten minste één reden.",
        "toelichting": "Schrijf een toelichting.",
        "gedragsdeskundigeGeraadpleegd": "Kies ja of nee.",
        "afzender.naam": "Vul uw naam in.",
        "afzender.functie": "Vul uw functie in.",
    }


def test_what_is_no_answer_of_the_form_is_an_error_at_its_field() -> None:
    problems = read_terugkoppeling({"criteria": ["zomaar"], "gedragsdeskundigeGeraadpleegd": ["misschien"]})
    assert isinstance(problems, tuple)
    found = errors_by_field(problems, ("criteria", "gedragsdeskundigeGeraadpleegd"))
    assert found["gedragsdeskundigeGeraadpleegd"] == "Kies ja of nee."
    assert found["criteria"].startswith("Dit moet zijn")
    assert next(iter(found)) == "", "what belongs to no field of this form comes first"
