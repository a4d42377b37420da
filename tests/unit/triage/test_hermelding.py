"""The radarfunctie recognises people, not spellings (MB 3.1): linked where it is sure, shown to a person where not."""
# ruff: noqa: RUF001  letters that look alike are what it is about

import json
import unicodedata
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example as given_example
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.topics import Service
from contracts.messages.triage import HermeldingHerkend, SamenloopGesignaleerd
from services.runtime.access.sealing import blind_index
from services.runtime.in_memory.world import MASTER
from services.triage.domain.casus import Hermeldinggrond, Hermeldingoordeel, MogelijkeHermelding
from services.triage.domain.huishouden import Gevonden, Radar, huishouden_sleutels, make_radar
from services.triage.domain.invoer import HermeldingInvoer, MeldingInvoer
from services.triage.domain.namen import fold, fold_huisnummer
from services.triage.handlers.commands import JudgeHermelding
from tests.examples import examples
from tests.unit.triage.road import BREDA, START, VT_WB, Road, answer, case, example, refused

pytestmark = pytest.mark.anyio

PAREN = json.loads((Path(__file__).parents[2] / "fixtures" / "hermelding-paren.json").read_text("utf-8"))
ROBIN = {"naam": "Robin Zandbak", "functie": "triagist"}
Wie = dict[str, Any]


def body(*people: Wie, adres: tuple[str, str] | None = None) -> dict[str, Any]:
    """A melding about nobody but these."""
    place = None
    if adres is not None:
        place = {"straat": "Singel", "postcode": adres[0], "huisnummer": adres[1], "plaats": "Breda"}
    return {"betrokkenen": [{"rol": "ouder", **who} for who in people], "adres": place}


def look(first: dict[str, Any], second: dict[str, Any]) -> Radar:
    """What is found of the first melding when the second comes in."""

    def blind(text: str) -> str:
        return blind_index(MASTER, text)

    one, other = (MeldingInvoer.model_validate(example("melding", **changes)) for changes in (first, second))
    own = set(huishouden_sleutels(one, blind, now=START).eigen)
    wanted = huishouden_sleutels(other, blind, now=START)
    met = own.intersection(wanted.gezocht)
    return make_radar(wanted, [Gevonden(case("a"), met, loopt=True)] if met else [])


def is_linked(radar: Radar) -> bool:
    return radar.eerdere_casussen == (case("a"),)


def is_offered(radar: Radar) -> bool:
    return [item.casus_id for item in radar.mogelijke] == [case("a")] and not is_linked(radar)


def _paren() -> list[Any]:
    return [pytest.param(paar, id=paar["label"]) for paar in PAREN]


@pytest.mark.parametrize("paar", _paren())
async def test_two_meldingen_after_each_other_meet_when_they_are_about_the_same_people(paar: Wie) -> None:
    road = Road()
    bodies = [
        body(
            {key: paar[who][key] for key in ("naam", "geboortedatum")},
            adres=(paar[who]["postcode"], paar[who]["huisnummer"]) if "huisnummer" in paar[who] else None,
        )
        for who in "ab"
    ]
    answer(await road.meld("a", **bodies[0]))
    received = answer(await road.meld("b", **bodies[1]))
    assert (received["hermelding"] or received["mogelijkeHermeldingen"] > 0) is paar["juist"]
    assert any(isinstance(event, HermeldingHerkend) for event in road.events("b")) is received["hermelding"]


JAN = {"naam": "Jan de Verzonne", "geboortedatum": "1979-09-21"}


@pytest.mark.parametrize(
    ("een", "ander"),
    [
        ("Łukasz Kamiński", "LUKASZ KAMINSKI"),
        ("Søren Dal", "soren dal"),
        ("Ayşe Yıldız", "Ayse Yildiz"),
        ("İbrahim Ünal", "ibrahim unal"),
        ("Đorđe Þórsson", "Dorde Thorsson"),
        ("Jürgen Groß", "Jurgen Gross"),
        ("Anaïs Lœuvre", "Anais Loeuvre"),
        ("Ĳsbrand Voorbeeld", "IJsbrand Voorbeeld"),
        ("Jan de Verzonne", "Jan Verzonne"),
        ("Omar el Verzonne", "Omar El-Verzonne"),
        ("Anna-Maria van 't Hof", "Anna Maria van ’t Hof"),
        ("Sa'id Bedacht", "Saʿid Bedacht"),
        ("Zoë Bedacht", "Zoe\u0308 Bedacht"),
    ],
)
def test_the_same_name_in_other_letters_is_linked(een: str, ander: str) -> None:
    on = {"geboortedatum": "1985-01-09"}
    assert is_linked(look(body({"naam": een} | on), body({"naam": ander} | on)))
    assert not look(body({"naam": een} | on), body({"naam": ander, "geboortedatum": "1985-01-10"})).eerdere_casussen


@pytest.mark.parametrize(
    ("een", "ander"),
    [
        (JAN, JAN | {"naam": "Verzonne, Jan de"}),
        (JAN, JAN | {"naam": "de Verzonne Jan"}),
        (JAN, JAN | {"naam": "J. de Verzonne"}),
        (JAN, JAN | {"naam": "Jan Peter de Verzonne"}),
        (JAN | {"naam": "Jürgen Bedacht"}, JAN | {"naam": "Juergen Bedacht-Jansen"}),
        (JAN | {"naam": "Søren Dal"}, JAN | {"naam": "Soeren Dahl"}),
        (JAN | {"naam": "Mohammed Verzonne"}, JAN | {"naam": "Muhammad Verzonnen"}),
        (JAN | {"naam": "Jan van den Berg"}, JAN | {"naam": "Jan Vandenberg"}),
        (JAN | {"naam": "Jan-Willem Zand"}, JAN | {"naam": "Zand Janwillem"}),
        (JAN | {"naam": "Noor"}, JAN | {"naam": "Noor"}),
        (JAN, JAN | {"geboortedatum": "1979-09-00"}),
        (JAN, JAN | {"geboortedatum": "1979-00-00"}),
        (JAN, JAN | {"geboortedatum": "1979"}),
        (JAN | {"geboortedatum": "1979"}, JAN | {"geboortedatum": "1979-09-00"}),
        (JAN, {"naam": "Verzonne, Jan de", "leeftijd": 46}),
        ({"naam": JAN["naam"], "leeftijd": 46}, {"naam": JAN["naam"], "leeftijd": 47}),
        (JAN, {"naam": JAN["naam"]}),
        ({"naam": JAN["naam"]}, {"naam": JAN["naam"]}),
        (JAN | {"bsn": "999912008"}, JAN | {"bsn": "999912021"}),
        (JAN | {"geboortedatum": "1979-03-05"}, JAN | {"geboortedatum": "1979-05-03"}),
        (JAN | {"geboortedatum": "1979-03-05"}, {"naam": "Verzonne, Jan de", "geboortedatum": "1979-05-03"}),
    ],
)
def test_what_looks_like_the_same_person_is_offered_to_a_person_whichever_came_first(een: Wie, ander: Wie) -> None:
    assert is_offered(look(body(een), body(ander)))
    assert is_offered(look(body(ander), body(een)))


@pytest.mark.parametrize(
    ("een", "ander"),
    [
        (JAN, {"naam": "Bram Tweede", "geboortedatum": "1979-09-21"}),
        (JAN, JAN | {"geboortedatum": "1979-08-21"}),
        (JAN, JAN | {"geboortedatum": "1979-08-00"}),
        (JAN, JAN | {"geboortedatum": "1980-00-00"}),
        (JAN, {"naam": JAN["naam"], "leeftijd": 30}),
        ({"naam": "onbekend"}, {"naam": "Onbekend"}),
        ({"naam": "NN"}, {"naam": "nn"}),
    ],
)
def test_other_people_do_not_meet(een: Wie, ander: Wie) -> None:
    for radar in (look(body(een), body(ander)), look(body(ander), body(een))):
        assert (radar.eerdere_casussen, radar.mogelijke) == ((), ())


def test_the_same_bsn_is_the_same_person_whatever_the_name() -> None:
    assert is_linked(look(body({"naam": "Jan", "bsn": "999912008"}), body({"naam": "Piet", "bsn": "999912008"})))


def test_who_has_no_bsn_in_one_of_them_is_linked_by_name() -> None:
    assert is_linked(look(body(JAN), body(JAN | {"bsn": "999912008"})))
    assert is_linked(look(body(JAN | {"bsn": "999912008"}), body(JAN)))


@pytest.mark.parametrize(
    ("een", "ander", "same"),
    [("12", "012", True), ("12a", "12 A", True), ("11-2", "11 2", True), ("11-2", "112", False), ("1-1", "11", False)],
)
def test_an_address_alone_links_nothing_and_is_read_as_people_write_it(een: str, ander: str, *, same: bool) -> None:
    anna, bram = {"naam": "Anna Eerste"}, {"naam": "Bram Tweede"}
    radar = look(body(anna, adres=("4815 XK", een)), body(bram, adres=("4815XK", ander)))
    assert radar.eerdere_casussen == ()
    assert [item.gronden for item in radar.mogelijke] == ([(Hermeldinggrond.ADRES,)] if same else [])


def test_every_latin_letter_is_read_as_plain_ones_or_stays_itself() -> None:
    """Also those that have no decomposition: what they are called says which letter they are."""
    named = {"ł": "l", "ø": "o", "ı": "i", "ß": "ss", "ẞ": "ss", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
    assert {letter: fold(letter) for letter in named} == named
    latin = [chr(code) for code in range(0x24F + 1) if unicodedata.name(chr(code), "").startswith("LATIN")]
    odd = {letter for letter in latin if not fold(letter).isascii()}
    assert odd <= set("ƄƅƍƛƧƨƪƸƹƻƼƽƾǀǁǂǃȸȹ"), "signs for tones and clicks are no part of a spelling"


@given(st.text(max_size=40))
@given_example("İ ﬃ ĳ ß")
def test_a_name_is_folded_once_and_for_all(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    fold_huisnummer(text)


# --- the whole kind -----------------------------------------------------------------------------------------------------

VOOR = st.sampled_from(
    ["Jan", "Noor", "Łukasz", "Søren", "Ayşe", "Jürgen", "Zoë", "Omar", "Đorđe", "Anne-Fleur", "Iñaki"]
)
TUSSEN = st.sampled_from([(), ("de",), ("van", "der"), ("el",), ("van", "den"), ("von",), ("ben",), ("bin",)])
ACHTER = st.sampled_from(["Verzonne", "Bedacht", "Kamiński", "Yıldız", "Dal", "Groß", "Zandbak-Loos", "Müller", "Þorn"])
DAGEN = st.dates(min_value=START.date().replace(year=1940), max_value=START.date().replace(year=2025))
VERSCHILLEND = {"Łukasz": "Lukasz", "Kamiński": "Kaminski", "Søren": "Soeren", "Groß": "Gross", "Müller": "Mueller"}


@st.composite
def variants(draw: st.DrawFn) -> tuple[str, str]:
    """A name, and how somebody else may write it down."""
    voor, tussen, achter = draw(VOOR), draw(TUSSEN), draw(ACHTER)
    written = " ".join((voor, *tussen, achter))
    kept = tussen if draw(st.booleans()) else ()
    parts = [VERSCHILLEND.get(part, part) if draw(st.booleans()) else part for part in (voor, achter)]
    if draw(st.booleans()):
        parts = [part.replace("-", draw(st.sampled_from([" ", "-", ""]))) for part in parts]
    first, last = parts
    order = draw(st.sampled_from(["{0} {1} {2}", "{2}, {0} {1}", "{1} {2} {0}", "{2} {1} {0}"]))
    other = " ".join(order.format(first, " ".join(kept), last).split())
    changed = [other, other.upper(), other.lower(), other.title(), unicodedata.normalize("NFD", other)]
    return written, draw(st.sampled_from(changed))


@examples(300)
@given(variants(), DAGEN)
def test_whoever_is_written_differently_is_linked_or_offered(names: tuple[str, str], born: Any) -> None:
    written, other = names
    people = [{"naam": name, "geboortedatum": born.isoformat()} for name in (written, other)]
    for een, ander in permutations(people):
        radar = look(body(een), body(ander))
        assert is_linked(radar) or is_offered(radar), (een, ander)


@examples(200)
@given(variants(), DAGEN, st.integers(1, 3))
def test_whoever_is_known_in_part_is_offered(names: tuple[str, str], born: Any, known: int) -> None:
    written = names[0]
    partly: list[Wie] = [
        {"geboortedatum": f"{born:%Y}-00-00"},
        {"geboortedatum": f"{born:%Y-%m}-00"},
        {"leeftijd": START.year - born.year - ((START.month, START.day) < (born.month, born.day))},
    ]
    een, ander = {"naam": written, "geboortedatum": born.isoformat()}, {"naam": written} | partly[known - 1]
    assert is_offered(look(body(een), body(ander)))
    assert is_offered(look(body(ander), body(een)))


@st.composite
def strangers(draw: st.DrawFn) -> tuple[Wie, Wie]:
    """Two people of whom something that is known differs: the name, the day, or the BSN."""
    een = {"naam": f"{draw(VOOR)} {draw(ACHTER)}", "geboortedatum": draw(DAGEN).isoformat()}
    ander = {"naam": f"{draw(VOOR)} {draw(ACHTER)}", "geboortedatum": draw(DAGEN).isoformat()}
    if fold(een["naam"]) == fold(ander["naam"]) and een["geboortedatum"] == ander["geboortedatum"]:
        een, ander = een | {"bsn": "999912008"}, ander | {"bsn": "999912021"}
    place = draw(st.sampled_from(["12", "12-1"]))
    return een | {"adres": _at(place)}, ander | {"adres": _at(place)}


def _at(huisnummer: str) -> Wie:
    return {"straat": "Singel", "postcode": "4815 XK", "huisnummer": huisnummer, "plaats": "Breda"}


@examples(300)
@given(strangers())
def test_other_people_are_never_linked(two: tuple[Wie, Wie]) -> None:
    assert look(body(two[0]), body(two[1])).eerdere_casussen == ()


# --- what a person makes of it ------------------------------------------------------------------------------------------


def said(oordeel: Hermeldingoordeel, casus: str = "a") -> JudgeHermelding:
    return JudgeHermelding(
        HermeldingInvoer.model_validate({"casusId": str(case(casus)), "oordeel": oordeel, "medewerker": ROBIN})
    )


def row(road: Road) -> Wie:
    rows = road.world.services[Service.TRIAGE].store.view("melding")
    (found,) = (each for each in rows if each["casus_id"] == str(case("b")))
    return found


async def doubtful() -> Road:
    road = Road()
    answer(await road.meld("a", **body(JAN)))
    received = answer(await road.meld("b", **body(JAN | {"naam": "Verzonne, Jan de"})))
    assert (received["hermelding"], received["mogelijkeHermeldingen"]) == (False, 1)
    return road


async def test_a_person_links_it_and_from_then_on_it_is_a_hermelding() -> None:
    road = await doubtful()
    for _ in range(2):
        judged = answer(await road.triage(case("b"), said(Hermeldingoordeel.GEKOPPELD)))
        assert (judged["eerdereCasus"], judged["oordeel"]) == (str(case("a")), "gekoppeld")
    (event,) = (event for event in road.events("b") if isinstance(event, HermeldingHerkend))
    assert event.eerdere_casussen == (case("a"),)
    assert "gekoppeld" in str(row(road)["mogelijke_hermeldingen"])
    assert str(case("a")) in str(row(road)["eerdere_casussen"])
    reply = refused(await road.triage(case("b"), said(Hermeldingoordeel.GEEN_HERMELDING)))
    assert reply.status == 409


async def test_a_person_says_that_it_is_not_and_may_come_back_on_that() -> None:
    road = await doubtful()
    answer(await road.triage(case("b"), said(Hermeldingoordeel.GEEN_HERMELDING)))
    assert not any(isinstance(event, HermeldingHerkend) for event in road.events("b"))
    answer(await road.triage(case("b"), said(Hermeldingoordeel.GEKOPPELD)))
    assert any(isinstance(event, HermeldingHerkend) for event in road.events("b"))


async def test_who_says_so_is_recorded_under_seal() -> None:
    road = await doubtful()
    answer(await road.triage(case("b"), said(Hermeldingoordeel.GEEN_HERMELDING)))
    (mogelijk,) = road.world.state(Service.TRIAGE, case("b")).melding.mogelijke_hermeldingen
    assert isinstance(mogelijk, MogelijkeHermelding)
    assert mogelijk.beoordeeld is not None
    assert mogelijk.beoordeeld.door == VT_WB.partij
    lines = [
        line.line for line in road.world.services[Service.TRIAGE].store.tables.journal if line.casus_id == case("b")
    ]
    assert [line.what for line in lines][-2:] == ["mogelijke-hermelding-gevonden", "mogelijke-hermelding-beoordeeld"]
    assert "Robin" not in str(lines)


async def test_only_what_was_offered_is_judged_and_only_by_veilig_thuis() -> None:
    road = await doubtful()
    assert refused(await road.triage(case("b"), said(Hermeldingoordeel.GEKOPPELD, "c"))).status == 409
    assert refused(await road.triage(case("b"), said(Hermeldingoordeel.GEKOPPELD), BREDA)).status == 404
    assert refused(await road.triage(case("z"), said(Hermeldingoordeel.GEKOPPELD))).status == 404


async def test_an_address_alone_is_no_samenloop() -> None:
    road = Road()
    answer(await road.meld("a", **body({"naam": "Anna Eerste"}, adres=("4815 XK", "12"))))
    answer(await road.meld_at_meldpunt("b", **body({"naam": "Bram Tweede"}, adres=("4815 XK", "12"))))
    assert not any(isinstance(event, SamenloopGesignaleerd | HermeldingHerkend) for event in road.events("b"))


# --- what was stored by the first release -------------------------------------------------------------------------------


def first_release(who: Wie, adres: tuple[str, str]) -> list[str]:
    """The texts under which the first release found a household."""
    texts = [f"persoon {who['naam']} {who['geboortedatum']}", f"adres {adres[0].replace(' ', '')} {adres[1]}"]
    return [blind_index(MASTER, text) for text in (*texts, *([f"bsn {who['bsn']}"] if "bsn" in who else []))]


@pytest.mark.parametrize("who", [JAN, JAN | {"bsn": "999912008"}])
async def test_a_case_of_the_first_release_is_found_by_what_it_was_stored_under(who: Wie) -> None:
    """Its name is linked as it was, its BSN whatever the name; its address is now offered only."""
    road = Road()
    answer(await road.meld("a", **body({"naam": "niemand hier"})))
    references = road.world.services[Service.TRIAGE].store.tables.references
    for key in first_release(who, ("4815 XK", "12")):
        references[("huishouden", key)] = {case("a")}
    assert answer(await road.meld("b", **body(who)))["hermelding"] is True
    by_address = answer(await road.meld("c", **body({"naam": "Bram Tweede"}, adres=("4815 XK", "12"))))
    assert (by_address["hermelding"], by_address["mogelijkeHermeldingen"]) == (False, 1)
