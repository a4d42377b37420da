"""What people read: the document, the timeline, the comparison, the explanation and the command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from contracts.afspraken import Anker, Rol, Triagefeit, load_rule_book, packaged_bronnen
from contracts.afspraken.ankers import Drager
from services.cli.afspraken import app
from services.cli.afspraken.beschrijving import describe
from services.cli.afspraken.tijdlijn import make_voorbeeld

ROOT = Path(__file__).parents[3]
CASUS = """
regio = "west-brabant"
gemeente = "GM0758"
melding = 2026-03-02T09:00:00

[feiten]
ernstig_letsel = true

[omstandigheden]
soort_overdracht = "direct"

[[gebeurtenis]]
wat = "triagebesluit-genomen"
op = 2026-03-04T10:00:00

[[gebeurtenis]]
wat = "overdracht-afgeleverd"
op = 2026-03-04T09:05:00Z
"""


def run(*args: str, stdin: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, list(args), input=stdin)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize("regio", ["west-brabant", "midden-brabant"])
def test_show_is_a_document_of_little_more_than_two_pages(regio: str) -> None:
    """Issue 3, item 8; a printed page takes some 75 lines of 120 characters."""
    code, out, _ = run("show", regio, "--op", "2026-03-02")
    assert code == 0
    assert len(out.splitlines()) <= 165
    assert max(map(len, out.splitlines())) <= 120


def test_show_gives_the_agreements_of_that_day() -> None:
    _, before, _ = run("show", "west-brabant", "--op", "2022-03-31")
    _, after, _ = run("show", "west-brabant", "--op", "2022-04-01")
    assert "Heeft het lokale team de casus opgepakt" in before
    assert "ook bij een wachtlijst" in after
    assert "Zundert, Alphen-Chaam en Baarle-Nassau" in after
    assert "Woensdrecht en Zundert." in run("show", "west-brabant", "--op", "2023-01-01")[1]


def test_show_with_a_gemeente_adds_its_addendum() -> None:
    for gemeente in ("GM0826", "Oosterhout"):
        assert "oosterhout-2017" in run("show", "west-brabant", "--op", "2021-06-01", "--gemeente", gemeente)[1]


def test_show_tells_on_request_how_sentences_were_read() -> None:
    assert (
        "Hoe onduidelijke zinnen zijn gelezen" in run("show", "midden-brabant", "--op", "2026-03-02", "--lezingen")[1]
    )


@pytest.mark.parametrize("regio", ["west-brabant", "midden-brabant"])
def test_show_tells_on_request_what_houvast_does_where_nothing_was_agreed(regio: str) -> None:
    told = " ".join(run("show", regio, "--op", "2026-03-02", "--vangnet")[1].split())
    assert "De overdracht is geweigerd: meteen naar triagist van Veilig Thuis, tenzij intussen: " in told
    assert "teamcoördinator van het lokale team, elke 7 dagen, tot het oppakken van de overdracht." in told
    assert "[geen afspraak, vangnet van Houvast: De afspraken" in told


def test_show_writes_a_page_with_a_timeline_that_reads_without_colour(tmp_path: Path) -> None:
    page = tmp_path / "mb.html"
    code, _, _ = run("show", "midden-brabant", "--op", "2026-03-02", "--html", str(page))
    text = page.read_text("utf-8")
    assert code == 0
    assert '<html lang="nl">' in text
    svg = ET.fromstring(re.search(r"<svg.*?</svg>", text, re.DOTALL)[0])  # type: ignore[index]
    words = [element.text or "" for element in svg.iter()]
    assert "Zicht op veiligheid" in words
    assert "lokaal team →" in words
    assert not re.search(r"(src|href)=.https?:", text), "the page is self-contained"


def test_the_timeline_shows_when_zicht_goes_over() -> None:
    """MB 4.1: melding on Monday 2 March, delivered on the 3rd, seven days later the lokaal team."""
    afspraken = load_rule_book().for_regio(regio="midden-brabant", on=date(2026, 3, 2))
    zicht = [balk for balk in make_voorbeeld(afspraken, date(2026, 3, 1)).balken if balk.is_zicht]
    assert [(balk.drager, balk.van.date()) for balk in zicht] == [
        (Drager.VEILIG_THUIS, date(2026, 3, 2)),
        (Drager.LOKAAL_TEAM, date(2026, 3, 11)),
    ]


def test_a_page_cannot_be_written_where_there_is_no_folder(tmp_path: Path) -> None:
    code, _, err = run("show", "midden-brabant", "--op", "2026-03-02", "--html", str(tmp_path / "geen" / "mb.html"))
    assert (code, "geen/mb.html" in err) == (1, True)


def test_show_tells_once_where_warnings_come_from() -> None:
    """The same setting of nine terms is one sentence to a reader, with what it comes to for each of them."""
    _, out, _ = run("show", "midden-brabant", "--op", "2026-03-02", "--lezingen")
    told = " ".join(out.split())
    assert (
        told.count("Geen van de documenten noemt een waarschuwing vooraf; het deel is een instelling van de regio") == 1
    )
    assert "Overdracht oppakken en verdelen (na 0,7 resten nog twee dagen om te verdelen)" in told


def test_diff_gives_both_sentences() -> None:
    _, out, _ = run("diff", "west-brabant-2017", "west-brabant-2022")
    assert "na: geen → 2 werkdagen" in out
    assert "“een wachtlijst is, Veilig Thuis verantwoordelijk blijft voor het zicht op veiligheid” (WB a)" in out
    assert "niet afgesproken" in out


def test_diff_of_two_regions_says_what_each_has_and_the_other_has_not() -> None:
    _, out, _ = run("diff", "west-brabant-2022", "midden-brabant-2024")
    assert "kinderen_gesproken_of_onderbouwd: nee → ja" in out
    assert "na: 2 werkdagen → 7 dagen" in out
    handed_over = "ontvanger lokaal-team; overdrachtswijze overgedragen"
    assert f"alleen_bij: {handed_over} → soort_overdracht direct; {handed_over}" in out
    assert "west-brabant-2022: niet afgesproken" in out
    assert "midden-brabant-2024: niet afgesproken" in out


def test_diff_of_an_agreement_with_itself_is_empty() -> None:
    assert run("diff", "west-brabant-2022", "west-brabant@2026-03-02")[1].strip().endswith(": 0")


def test_diff_says_which_gemeenten_came_or_left() -> None:
    """BK: Alphen-Chaam and Baarle-Nassau leave on 1 January 2023."""
    _, out, _ = run("diff", "west-brabant@2022-12-31", "west-brabant@2023-01-01")
    assert out.splitlines() == [
        "Verschillen tussen west-brabant@2022-12-31 en west-brabant@2023-01-01: 0",
        "Gemeenten die alleen meedoen aan west-brabant@2022-12-31: Alphen-Chaam en Baarle-Nassau",
    ]


def test_explain_tells_rule_by_rule_what_happened(tmp_path: Path) -> None:
    path = tmp_path / "casus.toml"
    path.write_text(CASUS, "utf-8")
    code, out, _ = run("explain", str(path))
    assert code == 0
    for expected in (
        "Triageadvies: een dienst van Veilig Thuis",
        "Ernstig letsel, want er is sprake van ernstig letsel. [ernstig-letsel]",
        "Gehaald op woensdag 4 maart 2026 10:00",
        "woensdag 4 maart 2026 10:05), tot zaterdag 7 maart 2026 00:00. [ontvangstbevestiging]",
        "Geroepen op zaterdag 7 maart 2026 00:00: leidinggevende van het lokale team",
        "Vanaf zaterdag 7 maart 2026 00:00: het lokale team",
        "Lezing:",
    ):
        assert expected in out


def test_explain_shows_in_its_help_a_case_that_it_takes(tmp_path: Path) -> None:
    """Whoever tries the agreements out has no other place to find what a case looks like."""
    _, told, _ = run("explain", "--help")
    shown = told[told.index("regio = ") :]
    path = tmp_path / "casus.toml"
    path.write_text("\n".join(line.strip() for line in shown.splitlines()), "utf-8")
    code, out, _ = run("explain", str(path))
    assert (code, "Ernstig letsel, want er is sprake van ernstig letsel" in out) == (0, True)


def explained(tmp_path: Path, *gebeurtenissen: tuple[str, str], **meer: str) -> str:
    """The explanation of a case; `meer` is said of its last moment."""
    path = tmp_path / "casus.toml"
    written = [f'wat = "{wat}", op = 2026-{op}:00' for wat, op in gebeurtenissen]
    written[-1] += "".join(f", {name} = {value if name == 'voor' else repr(value)}" for name, value in meer.items())
    happened = ", ".join(f"{{ {item} }}" for item in written)
    head = 'regio = "midden-brabant"\ngemeente = "GM0855"\nmelding = 2026-03-02T10:00:00\n'
    path.write_text(f"{head}gebeurtenis = [{happened}]", "utf-8")
    code, out, _ = run("explain", str(path))
    assert code == 0
    return out


def test_explain_takes_an_overdracht_for_a_direct_one_unless_a_dienst_came_before_it(tmp_path: Path) -> None:
    """And says so: without it no term and no transition of zicht would apply, and nobody would see why."""
    out = explained(tmp_path, ("overdracht-afgeleverd", "03-04T10:00"), ("dienst-gestart", "04-01T10:00"))
    assert "Aangenomen, want het staat er niet: soort_overdracht is direct." in out
    assert "[oppakken]" in out
    assert "Vanaf donderdag 12 maart 2026 00:00: het lokale team" in out
    assert "Geen monitoring na directe overdracht. [geen-monitoring-na-directe-overdracht]" in out


def test_explain_tells_when_is_monitored_after_a_dienst(tmp_path: Path) -> None:
    """MB 5, and MB 6 for what ends it."""
    dienst = (("dienst-gestart", "03-03T10:00"), ("overdracht-afgeleverd", "03-31T10:00"))
    out = explained(tmp_path, *dienst)
    assert "soort_overdracht is na-dienst" in out
    assert (
        "Eerste monitormoment: 3 maanden vanaf de aflevering van de overdracht, tot woensdag 1 juli 2026 00:00" in out
    )
    assert "[monitormoment-12-maanden]" in out
    ended = explained(tmp_path, *dienst, ("jeugdbeschermingstafel-ingebracht", "04-20T10:00"))
    assert "[geen-monitoring-na-jeugdbeschermingstafel]" in ended
    assert "[monitormoment-12-maanden]" not in ended


def test_explain_holds_the_moments_of_monitoring_one_after_the_other(tmp_path: Path) -> None:
    dienst = (("dienst-gestart", "03-03T10:00"), ("overdracht-afgeleverd", "03-31T10:00"))
    held = (*dienst, ("monitormoment-gehouden", "06-20T10:00"), ("monitormoment-gehouden", "06-29T10:00"))
    out = explained(tmp_path, *held)
    assert out.index("[monitormoment-3-maanden]") < out.index("Gehaald op zaterdag 20 juni")
    assert out.index("[monitormoment-12-maanden]") < out.rindex("Gehaald op maandag 29 juni")
    named = explained(tmp_path, *held[:-1], over="monitormoment-12-maanden")
    assert named.index("[monitormoment-12-maanden]") < named.rindex("Gehaald op zaterdag 20 juni")


def test_explain_asks_who_brought_a_case_to_the_raad(tmp_path: Path) -> None:
    """MB 6: it depends on whose act it was; explain does not guess."""
    tafel = (("overdracht-afgeleverd", "03-04T10:00"), ("jeugdbeschermingstafel-ingebracht", "04-20T10:00"))
    asked = "de Raad voor de Kinderbescherming wordt op maandag 20 april 2026 10:00 gevraagd over te nemen"
    assert f"{asked}, als dit de daad is van het lokale team" in explained(tmp_path, *tafel)
    assert f"{asked}. [aanbod-aan-raad" in explained(tmp_path, *tafel, door="lokaal-team")
    by_vt = explained(tmp_path, *tafel, door="veilig-thuis")
    assert asked not in by_vt
    assert "Niet toegepast" not in by_vt


def test_explain_counts_the_same_moment_once_unless_it_is_about_something_else(tmp_path: Path) -> None:
    """As the hub does: an overdracht is delivered once; a second overdracht has a name of its own."""
    again = (
        ("overdracht-afgeleverd", "03-04T10:00"),
        ("overdracht-teruggekoppeld", "03-06T10:00"),
        ("overdracht-afgeleverd", "03-10T10:00"),
    )
    out = explained(tmp_path, *again)
    assert "Niet meegeteld: overdracht-afgeleverd op dinsdag 10 maart 2026 10:00" in out
    assert out.count("[oppakken]") == 1
    named = explained(tmp_path, *again, over="tweede")
    assert "Niet meegeteld" not in named
    assert named.count("[oppakken]") == 2
    assert "Vanaf woensdag 18 maart 2026 00:00: het lokale team" in named


def test_explain_tells_that_the_last_rung_is_called_again_until_what_was_missed_is_done(tmp_path: Path) -> None:
    """The vangnet: the top of a ladder is not the end of all messages."""
    delivered = ("overdracht-afgeleverd", "03-04T10:00")
    again = (
        "gemeente (bestuurlijk), en daarna elke 5 werkdagen opnieuw tot iemand het afhandelt. [opschalen-lokaal-team]"
    )
    for done, called in (((), True), ((("overdracht-opgepakt", "03-12T10:00"),), False)):
        _, _, about = explained(tmp_path, delivered, *done).partition("[oppakken]\n")
        assert (again in about.partition("\n- ")[0]) == called
    _, shown, _ = run("show", "midden-brabant", "--op", "2026-03-02")
    assert "gemeente (bestuurlijk) (elke 5 werkdagen opnieuw)" in " ".join(shown.split())


def test_explain_tells_what_is_raised_at_once_and_until_when_a_waiting_list_lasts(tmp_path: Path) -> None:
    """WB Risico's: niet kunnen oppakken wordt opgeschaald."""
    waits = (("overdracht-afgeleverd", "03-04T10:00"), ("wachtlijst-gemeld", "03-05T10:00"))
    told = "De wachtlijst is voorbij en de casus is niet opgepakt: op vrijdag 20 maart 2026 10:00 aan "
    out = explained(tmp_path, *waits, voor="2026-03-20T10:00:00")
    assert out.count(told) == 2
    unsaid = explained(tmp_path, *waits)
    assert told not in unsaid
    assert "bij wachtlijst-gemeld staat niet tot wanneer (voor): bericht-wachtlijst-voorbij-team en " in unsaid
    raised = explained(tmp_path, *waits, ("niet-op-te-pakken", "03-09T10:00"))
    assert "Opgeschaald\n- Het lokale team kan de casus niet oppakken: meteen opgeschaald, door " in raised
    assert "  Geroepen op maandag 9 maart 2026 10:00: leidinggevende van " in raised


def test_explain_says_which_rules_it_could_not_apply(tmp_path: Path) -> None:
    out = explained(tmp_path, ("dienst-gestart", "03-03T10:00"), ("vbs-gevraagd", "03-04T10:00"))
    assert "omstandigheden.vbs_urgentie is niet gezegd: vbs-verdelen-urgent en vbs-verdelen-regulier." in out
    assert "Aangenomen" not in out
    assert "Monitoring" not in out


def test_explain_asks_what_only_professionals_can_conclude(tmp_path: Path) -> None:
    """MB 4: a special form is asked about, and a term that nothing met says so."""
    path = tmp_path / "casus.toml"
    path.write_text(
        CASUS.replace("ernstig_letsel", "stalking").replace("2026-03-02T09:00:00", "2026-03-02T09:00:00+01:00"),
    )
    _, out, _ = run("explain", str(path))
    assert "Nog te beoordelen door professionals" in out
    assert "In dit verhaal niet gehaald." in out


def test_explain_refuses_what_is_no_moment_and_a_gemeente_without_agreements(tmp_path: Path) -> None:
    path = tmp_path / "casus.toml"
    path.write_text(CASUS.replace("2026-03-02T09:00:00", '"maandag"'))
    assert f"{path}:4: melding" in run("explain", str(path))[2]
    path.write_text(CASUS.replace("GM0758", "GM0855"))
    assert "GM0855" in run("explain", str(path))[2]


def test_explain_names_every_mistake_in_the_case(tmp_path: Path) -> None:
    path = tmp_path / "casus.toml"
    path.write_text(CASUS.replace("ernstig_letsel", "erg_letsel").replace('wat = "triage', 'wat = "trage'), "utf-8")
    code, _, err = run("explain", str(path))
    assert code == 1
    assert f"{path}:7: feiten.erg_letsel" in err
    assert f"{path}:13: gebeurtenis[1].wat" in err
    path.write_text(CASUS.replace('wat = "triage', 'door = "de-wijkagent"\nwat = "triage'), "utf-8")
    assert (
        "'de-wijkagent' is geen partij die dit doet; kies uit veilig-thuis, lokaal-team" in run("explain", str(path))[2]
    )


def test_explain_refuses_an_event_before_the_melding_and_a_day_without_an_hour(tmp_path: Path) -> None:
    path = tmp_path / "casus.toml"
    path.write_text(CASUS.replace("2026-03-04T10:00:00", "2026-03-01T10:00:00"), "utf-8")
    assert "ligt voor de melding" in run("explain", str(path))[2]
    path.write_text(CASUS.replace("2026-03-04T10:00:00", "2026-03-04"), "utf-8")
    assert "noem ook het tijdstip" in run("explain", str(path))[2]


def test_check_takes_a_file_that_is_no_toml_or_has_no_head(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("niet = = toml")
    (tmp_path / "b.toml").write_text("titel = 'zonder kop'")
    (tmp_path / "c.toml").write_bytes(b"\xff\xfe")
    for name, melding in (("a", "geen geldige TOML"), ("b", "[afspraak] ontbreekt"), ("c", "geen tekst in UTF-8")):
        code, _, err = run("check", str(tmp_path / f"{name}.toml"))
        assert (code, melding in err) == (1, True)


def test_check_reports_a_quote_that_is_not_in_the_sources(tmp_path: Path) -> None:
    (tmp_path / "000_e3b7901bba8c4c0d.txt").write_text("iets anders", "utf-8")
    (tmp_path / "scan.pdf").write_bytes(b"\xff\xfe\x00")
    code, _, err = run("check", "--bronnen", str(tmp_path))
    text = packaged_bronnen()["regions/west-brabant-2017.toml"]
    line = text[: text.index("een wachtlijst is, Veilig Thuis")].count("\n") + 1
    found = f"regions/west-brabant-2017.toml:{line}: zicht[1].bron.citaat: staat niet in WB: “een wachtlijst is"
    assert (code, found in err) == (1, True)


def test_check_of_a_folder_without_agreements_says_so(tmp_path: Path) -> None:
    code, out, err = run("check", str(tmp_path))
    assert (code, out, "geen .toml-bestand" in err) == (1, "", True)


@pytest.mark.parametrize(
    ("args", "melding"),
    [
        (["show", "noord", "--op", "2026-03-02"], "'noord'"),
        (["show", "west-brabant", "--op", "2 maart"], "is geen datum"),
        (["show", "west-brabant", "--op", "2016-01-01"], "01-01-2016"),
        (["diff", "west-brabant", "midden-brabant-2024"], "kies uit"),
        (["diff", "noord@2026-01-01", "midden-brabant-2024"], "'noord'"),
        (["explain", "/bestaat/niet.toml"], "kan dit bestand niet lezen"),
        (["check", "/bestaat/niet.toml"], "bestaat niet"),
        (["check", "--bronnen", "/bestaat/niet"], "is geen map"),
        (["bereken", "gisteren", "5 werkdagen"], "is geen moment"),
        (["bereken", "2026-03-02T09:00"], "noem een duur"),
        (["bereken", "2026-03-02T09:00", "5 jaren"], "is geen duur"),
        (["bereken", "2026-03-02T09:00", "999999 maanden"], "kalender"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_dutch_line(args: list[str], melding: str) -> None:
    code, out, err = run(*args)
    assert (code, out, melding in err, len(err.splitlines())) == (1, "", True, 1)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["2026-04-30T10:00:00+02:00", "5 werkdagen"], "2026-05-09T00:00:00+02:00"),
        (["2026-04-30T10:00", "5", "werkdagen"], "2026-05-09T00:00:00+02:00"),
        (["2026-03-20T10:00", "2 weken"], "2026-04-04T00:00:00+02:00"),
        (["2026-03-20T10:00", "2 weken", "--verlengen"], "2026-04-08T00:00:00+02:00"),
        (["2026-10-24T12:00:00+02:00", "24 uren"], "2026-10-25T11:00:00+01:00"),
    ],
)
def test_bereken_prints_the_end_in_local_time(args: list[str], expected: str) -> None:
    assert run("bereken", *args)[:2] == (0, f"{expected}\n")


@pytest.mark.parametrize("duur", ["24 uur", "6 maanden"])
def test_bereken_says_when_the_law_extends_no_such_term(duur: str) -> None:
    assert "let op" in run("bereken", "2026-04-30T10:00", duur, "--verlengen")[2]
    assert run("bereken", "2026-04-30T10:00", duur)[2] == ""


def test_bereken_reads_lines_and_keeps_their_place() -> None:
    stdin = "2026-04-30T10:00:00+02:00\t5 werkdagen\nrommel\n2026-03-02T09:00+01:00\t7 dagen\n"
    code, out, err = run("bereken", "-", stdin=stdin)
    assert (code, out.splitlines()) == (1, ["2026-05-09T00:00:00+02:00", "", "2026-03-10T00:00:00+01:00"])
    assert "regel 2: verwacht: begin TAB duur" in err


def test_bereken_takes_twenty_thousand_lines_from_a_pipe() -> None:
    lines = "".join(
        f"2026-{i % 12 + 1:02}-{i % 28 + 1:02}T10:00:00+01:00\t{i % 40 + 1} werkdagen\n" for i in range(20_000)
    )
    code = "from services.cli.afspraken import app; app()"
    done = subprocess.run(
        [sys.executable, "-c", code, "bereken", "-"],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert len(done.stdout.splitlines()) == 20_000
    assert done.stdout.splitlines()[0] == "2026-01-06T00:00:00+01:00", "2 January was equated with a feestdag"


def test_everything_has_its_words() -> None:
    """No table, moment, party, role or fact without a Dutch sentence or label."""
    for document in load_rule_book().documenten:
        for _, regel in document.regels:
            assert describe(regel).endswith((".", "…")), regel.id
    for member in (*Anker, *Drager, *Rol, *Triagefeit):
        assert member.label


def test_explain_counts_a_planned_conversation_from_the_moment_it_is_planned_for(tmp_path: Path) -> None:
    """BK 4.4.1; and the overdracht from the melding (MB 4.1)."""
    casus = tmp_path / "casus.toml"
    casus.write_text(
        """
regio = "west-brabant"
gemeente = "GM0758"
melding = 2026-03-02T10:00:00
omstandigheden = { besluit = "directe-overdracht" }
gebeurtenis = [
  { wat = "triagebesluit-genomen", op = 2026-03-04T10:00:00 },
  { wat = "overdrachtsgesprek-gepland", op = 2026-04-23T10:00:00, voor = 2026-05-04T10:00:00 },
]
""",
        "utf-8",
    )
    code, out, _ = run("explain", str(casus))
    assert code == 0
    assert "vanaf het geplande overdrachtsgesprek (maandag 4 mei 2026 10:00)" in out
    assert "5 werkdagen vanaf de melding (maandag 2 maart 2026 10:00), tot dinsdag 10 maart 2026 00:00" in out


def test_what_is_ticked_reads_as_a_whole_sentence() -> None:
    """A fact is asked with a yes or a no: what stands there is a sentence by itself, not the end of one after "als"."""
    within = (" of ", " dat ", " waarvan ")
    ends_with_verb = [feit for feit in Triagefeit if feit.label.endswith((" is", " zijn", " wordt", " heeft"))]
    assert [feit.value for feit in ends_with_verb if not any(word in feit.label for word in within)] == []
