"""Letters: the right things to the right people, in a PDF that a screen reader reads."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pypdf
import pytest

from contracts.afspraken import load_rule_book
from contracts.messages.documenten import Betrokkene, Overdrachtsdocument, RolBetrokkene
from services.handover.adapters.brieven import TypstBrieven, render_brief
from services.handover.domain.brieven import Brief, Briefgegevens, Briefsoort, list_regels, write_brief
from services.runtime.unit.decision import Refused
from tests.unit.triage.road import example

MOMENT = datetime(2026, 3, 2, 8, tzinfo=UTC)
TODAY = date(2026, 3, 3)
DOCUMENT = Overdrachtsdocument.model_validate(example("triagebesluit")["overdrachtsdocument"])
AFSPRAKEN = load_rule_book().for_case(regio="west-brabant", gemeente="GM0758", on=TODAY)
GEGEVENS = Briefgegevens(
    referentie="HV-1234ABCD",
    soort="direct",
    team="Lokaal team Breda-Noord",
    gemeente="Breda",
    veilig_thuis="Veilig Thuis West-Brabant",
    melding_ontvangen_op=MOMENT,
    overgedragen_op=MOMENT,
    document=DOCUMENT,
    afspraken=AFSPRAKEN,
)
ABOUT_THE_CASE = ("Femke", "Voorbeeld", "Wijkagent", "glasgerinkel", "999912008", "Singel")


def letter(soort: Briefsoort, gegevens: Briefgegevens = GEGEVENS, **to: object) -> Brief:
    brief = write_brief(soort, gegevens, on=TODAY, **to)  # type: ignore[arg-type]
    assert isinstance(brief, Brief)
    return brief


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.mark.parametrize("soort", Briefsoort)
def test_a_letter_is_an_accessible_pdf(soort: Briefsoort) -> None:
    """PDF/UA-1: tagged, Dutch, its title shown, headings in the outline; and the same letter is the same file."""
    pdf = render_brief(letter(soort))
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    root = reader.root_object
    assert root["/Lang"] == "nl-NL"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in root
    assert reader.metadata is not None
    assert reader.metadata.title == letter(soort).titel
    assert reader.xmp_metadata is not None
    assert "pdfuaid" in str(root["/Metadata"].get_data())
    assert render_brief(letter(soort)) == pdf


@pytest.mark.anyio
async def test_the_overdrachtsbrief_holds_the_whole_document_and_what_is_asked() -> None:
    pdf = text_of(await TypstBrieven().render(letter(Briefsoort.OVERDRACHT)))
    filled = DOCUMENT.model_dump(exclude_none=True)
    for value in (value for value in filled.values() if isinstance(value, str)):
        assert " ".join(value.split()) in pdf
    assert "BSN 999912008" in pdf
    assert "Ontvangst van de overdracht bevestigen: uiterlijk woensdag 4 maart 2026" in pdf


def test_the_labels_are_those_of_the_afspraken_and_nothing_is_left_out() -> None:
    """MB 4.1; also what is filled in beyond it."""
    more = DOCUMENT.model_copy(update={"monitorfunctie": "Het lokale team plant."})
    regels = list_regels(more, AFSPRAKEN, with_bsn=True)
    assert regels[0].label == "NAW- en contactgegevens van direct betrokkenen"
    assert len(regels) == len(more.model_dump(exclude_none=True, exclude_defaults=True))
    (contact,) = (regel for regel in regels if "ontact met" in regel.label)
    assert contact.waarden == ("ja",)


def test_a_region_without_labels_gets_the_names_of_the_fields() -> None:
    """Nothing of a document is ever left out because nobody named it; people without an address are people too."""
    bare = Betrokkene(naam="Sam Voorbeeld", rol=RolBetrokkene.OUDERE, email="sam@voorbeeld.example")
    document = Overdrachtsdocument(betrokkenen=(bare,), grootste_zorg="vallen")
    regels = list_regels(document, replace(AFSPRAKEN, regels=()), with_bsn=True)
    assert [(regel.label, regel.waarden) for regel in regels] == [
        ("Betrokkenen", ("Sam Voorbeeld (oudere), sam@voorbeeld.example",)),
        ("Grootste zorg", ("vallen",)),
    ]


def test_those_involved_get_the_same_document_without_anybodys_bsn() -> None:
    """MB 4.1: directbetrokkenen ontvangen diezelfde documenten."""
    brief = letter(Briefsoort.BETROKKENEN_MET_DOCUMENT, betrokkene=DOCUMENT.betrokkenen[0])
    assert brief.geadresseerde == ("Femke Voorbeeld", "Verzonnen Singel 12 B", "4899 ZZ Breda")
    pdf = text_of(render_brief(brief))
    assert DOCUMENT.grootste_zorg is not None
    assert DOCUMENT.grootste_zorg in pdf
    assert "99991" not in pdf


def test_where_there_was_no_contact_the_document_does_not_go_to_those_involved() -> None:
    """MB 4.1: then they get only a letter that there was a handover."""
    gegevens = replace(GEGEVENS, document=DOCUMENT.model_copy(update={"contact_met_betrokkenen": False}))
    refused = write_brief(Briefsoort.BETROKKENEN_MET_DOCUMENT, gegevens, on=TODAY)
    assert isinstance(refused, Refused)
    assert refused.status == 409
    brief = letter(Briefsoort.BETROKKENEN_ZONDER_CONTACT, gegevens)
    pdf = text_of(render_brief(brief))
    assert "Lokaal team Breda-Noord" in pdf
    assert "wie de melding heeft gedaan" in pdf
    assert not any(word in pdf for word in ABOUT_THE_CASE)


def test_the_melder_hears_that_something_was_done_and_nothing_about_anyone() -> None:
    """BK annex 1."""
    pdf = text_of(render_brief(letter(Briefsoort.MELDER)))
    assert "deed u een melding" in pdf
    assert not any(word in pdf for word in ABOUT_THE_CASE)


def test_what_people_wrote_is_never_read_as_markup() -> None:
    """Typst is a language; a melding is not."""
    wild = '#panic("x") *vet* = kop $1$ @wie <hier> \\ `code` // weg'
    gegevens = replace(GEGEVENS, document=DOCUMENT.model_copy(update={"weergave_melding": wild}))
    assert wild in text_of(render_brief(letter(Briefsoort.OVERDRACHT, gegevens)))


def test_the_letter_with_an_offer_says_what_an_offer_is() -> None:
    """docs/decisions/0019: by when an answer is asked, and that zicht stays where it is until it is accepted."""
    offered = replace(GEGEVENS, team="Safegroup", partij="safegroup", aangeboden_door="Meldpunt Crisiszorg")
    brief = letter(Briefsoort.OVERDRACHT, offered)
    text = " ".join(brief.alineas)
    assert (brief.titel, brief.afzender) == ("Aanbod HV-1234ABCD", "Meldpunt Crisiszorg")
    assert "Een aanbod is een vraag en geen overdracht" in text
    assert "Tot u zelf aanvaardt, blijft het zicht op veiligheid waar het nu is" in text
    assert "dragen deze casus aan u over" not in text
    assert "Antwoorden op de vraag om een casus over te nemen: uiterlijk dinsdag 3 maart 2026." in brief.gevraagd
    printed = text_of(render_brief(brief))
    assert "uiterlijk dinsdag 3 maart 2026" in printed
    assert "Een aanbod is een vraag" in printed


@pytest.mark.parametrize("soort", [kind for kind in Briefsoort if kind is not Briefsoort.OVERDRACHT])
def test_nobody_reads_of_an_offer_that_it_has_gone_over(soort: Briefsoort) -> None:
    """docs/decisions/0019: it is a question until the party says yes; who asked signs."""
    asked = replace(
        GEGEVENS, team="Safegroup", partij="safegroup", aangeboden_door="Meldpunt Crisiszorg", is_gevraagd=True
    )
    brief = letter(soort, asked)
    words = " ".join((brief.titel, *brief.alineas))
    assert "er is nog niets overgedragen" in words
    assert words.count("overgedragen") == 1
    assert (brief.afzender == "Meldpunt Crisiszorg") is (soort is not Briefsoort.MELDER)
    accepted = " ".join(letter(soort, replace(asked, is_gevraagd=False)).alineas)
    assert "ja gezegd" in accepted
    assert "overgedragen" not in accepted
    assert ("Safegroup" in accepted) is (soort is not Briefsoort.MELDER)
