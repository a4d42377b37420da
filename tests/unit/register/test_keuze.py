"""Who is told and why, step by step: the team, its gemeente, where that buys the role, Veilig Thuis, nobody (AEF 2.5)."""

from datetime import date, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import AMSTERDAM, load_rule_book
from contracts.afspraken.ankers import Rol
from contracts.afspraken.citaten import plain_text
from contracts.register import Gezocht, Keuze, Register, Stapuitkomst, Teamsoort, choose, parse_register
from contracts.register.teamsoorten import is_expected, teamtypes
from contracts.register.werkplekken import find_rollen, find_werkplekken
from contracts.toml_plaats import BestandFouten

SEEDS = Path(__file__).parents[4] / "shared" / "seeds"
KALENDER = load_rule_book().kalender
ON = date(2026, 3, 2)
ROL = "gedragswetenschapper"
AANBIEDER = """
[[partij]]
code = "zorgaanbieder"
naam = "Zorgaanbieder De Brug"
soort = "overig"
regio = "west-brabant"
persoon = [{ naam = "Zoë", e_mail = "zoe@brug.example" }, { naam = "Zeno", e_mail = "zeno@brug.example" }]
rol = [{ rol = "gedragswetenschapper", personen = ["Zoë"] }]
"""
VEILIG_THUIS = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis West-Brabant"
soort = "veilig-thuis"
regio = "west-brabant"
aanmelding = { uitgever = "https://inloggen.vt.example", client_id = "houvast" }
persoon = [{ naam = "Vera", e_mail = "vera@vt.example" }]
rol = [{ rol = "gedragswetenschapper", personen = ["Vera"] }]
"""
BREDA = """
[[gemeente]]
code = "GM0758"
naam = "Breda"
oin = "00000099075800000000"
regio = "west-brabant"
endpoint = { soort = "rest", url = "https://breda.example/in", geheimen = ["env:BREDA"] }
team = [
  { code = "noord", naam = "Team Noord", soort = "anderhalvelijns" },
  { code = "zuid", naam = "Team Zuid", soort = "nuldelijns" },
]
persoon = [
  { naam = "Anna", e_mail = "anna@breda.example" },
  { naam = "Bart", e_mail = "bart@breda.example" },
  { naam = "Cas", e_mail = "cas@breda.example" },
]
"""


def register(breda: str = "", *, people: str | None = None) -> Register:
    """Breda with what a test adds to it, beside Veilig Thuis and a zorgaanbieder."""
    text = BREDA if people is None else BREDA[: BREDA.index("persoon = ")] + people
    return parse_register(VEILIG_THUIS + AANBIEDER + text + breda, bestand="register.toml")


def asked(known: Register, *, team: str | None = "zuid", on: date = ON, rol: str = ROL) -> Keuze:
    return choose(known, Gezocht("GM0758", rol, datetime.combine(on, time(12), AMSTERDAM), team=team), KALENDER)


def steps(keuze: Keuze) -> list[tuple[str, str]]:
    return [("" if stap.herkomst is None else stap.herkomst.value, stap.uitkomst.value) for stap in keuze.stappen]


def names(keuze: Keuze) -> list[str]:
    return [ontvanger.naam for ontvanger in keuze.ontvangers]


OF_TEAM = 'rol = [{ rol = "gedragswetenschapper", team = "zuid", personen = ["Anna"] }]\n'
OF_GEMEENTE = 'rol = [{ rol = "gedragswetenschapper", personen = ["Bart"] }]\n'
BOUGHT = 'ingekocht_bij = { gedragswetenschapper = "zorgaanbieder" }\n'
OF_OTHER_TEAM = 'rol = [{ rol = "gedragswetenschapper", team = "noord", personen = ["Cas"] }]\n'
NOT_FILLED = Stapuitkomst.NIET_VERVULD.value


@pytest.mark.parametrize(
    ("breda", "who", "where"),
    [
        (OF_TEAM + BOUGHT, "Anna", ["team"]),
        (OF_GEMEENTE + BOUGHT, "Bart", ["team", "gemeente"]),
        (BOUGHT + OF_OTHER_TEAM, "Zoë", ["team", "gemeente", "ingekocht"]),
        (OF_OTHER_TEAM, "Cas", ["team", "gemeente", "ander-team"]),
        ("", "Vera", ["team", "gemeente", "veilig-thuis"]),
    ],
)
def test_the_role_is_looked_for_in_steps_and_each_is_told(breda: str, who: str, where: list[str]) -> None:
    """AEF 2.5: some gemeenten have a gedragswetenschapper in the team, some buy one, from a provider or Veilig Thuis."""
    keuze = asked(register(breda))
    assert names(keuze) == [who]
    *missed, chosen = steps(keuze)
    assert [place for place, _ in missed] + [chosen[0]] == where
    assert {outcome for _, outcome in missed} <= {NOT_FILLED}
    assert chosen[1] == Stapuitkomst.GEKOZEN.value
    assert all(stap.waarom.endswith(".") for stap in keuze.stappen)


def test_a_team_may_buy_elsewhere_than_its_gemeente() -> None:
    own = '{ code = "zuid", naam = "Team Zuid", soort = "nuldelijns", ingekocht_bij = { gedragswetenschapper = "%s" } }'
    text = BREDA.replace(
        '{ code = "zuid", naam = "Team Zuid", soort = "nuldelijns" }', own % "veilig-thuis-west-brabant"
    )
    known = parse_register(VEILIG_THUIS + AANBIEDER + text + BOUGHT, bestand="register.toml")
    assert (names(asked(known)), names(asked(known, team="noord"))) == (["Vera"], ["Zoë"])
    assert steps(asked(known))[-1] == ("ingekocht", "gekozen")


def test_what_is_bought_of_who_has_nobody_goes_on_to_veilig_thuis() -> None:
    known = parse_register(
        VEILIG_THUIS + AANBIEDER[: AANBIEDER.index("rol = ")] + BREDA + BOUGHT, bestand="register.toml"
    )
    assert names(asked(known)) == ["Vera"]
    assert [place for place, _ in steps(asked(known))] == ["team", "gemeente", "ingekocht", "veilig-thuis"]


def test_a_role_that_nobody_fills_ends_in_an_alarm_and_says_so() -> None:
    keuze = asked(register(), rol="gemeente-bestuurlijk")
    assert keuze.ontvangers == ()
    assert steps(keuze)[-1] == ("", "niemand")
    assert "beheerder" in keuze.stappen[-1].waarom


@pytest.mark.parametrize(
    ("team", "said"), [("zuid", "Dat past bij"), ("noord", "hoort die wel"), ("west", "geen team")]
)
def test_the_kind_of_team_says_what_is_to_be_expected(team: str, said: str) -> None:
    """AEF 2.5: an anderhalvelijns team has gedragswetenschappers, a nuldelijns team has none."""
    assert said in asked(register(), team=team).stappen[0].waarom
    assert "AEF" not in asked(register(), team=team, rol="teamcoordinator").stappen[0].waarom


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed documents are not at hand")
def test_every_quote_about_a_kind_of_team_stands_literally_in_its_document() -> None:
    seeds = [plain_text(path.read_text("utf-8")) for path in SEEDS.iterdir()]
    for teamtype in teamtypes().values():
        assert any(plain_text(teamtype.bron.citaat) in seed for seed in seeds), teamtype.soort


def test_of_each_kind_of_team_it_is_said_whether_it_has_a_gedragswetenschapper() -> None:
    """AEF 2.5."""
    assert teamtypes().keys() == set(Teamsoort)
    assert {soort for soort in Teamsoort if is_expected(soort, Rol.GEDRAGSWETENSCHAPPER.value)} == {
        Teamsoort.VOLLEDIG,
        Teamsoort.ANDERHALVELIJNS,
    }


def people(*lines: str) -> str:
    away = "afwezig = [{ van = 2026-03-02, tot_en_met = 2026-03-06 }]"
    tables = (f"{{ {line.replace('WEG', away)} }}" for line in lines)
    return f"persoon = [{', '.join(tables)}]\n"


ANNA, BART, CAS = (f'naam = "{naam}", e_mail = "{naam.lower()}@breda.example"' for naam in ("Anna", "Bart", "Cas"))


@pytest.mark.parametrize(
    ("lines", "who", "said"),
    [
        ((f'{ANNA}, vervanger = "Bart", WEG', BART), "Bart", "Anna is afwezig; vervanger is Bart."),
        (
            (f'{ANNA}, vervanger = "Bart", WEG', f'{BART}, vervanger = "Cas", WEG', CAS),
            "Cas",
            "Anna is afwezig; vervanger is Bart. Bart is afwezig; vervanger is Cas.",
        ),
        (
            (f'{ANNA}, vervanger = "zorgaanbieder:Zeno", WEG', BART),
            "Zeno",
            "vervanger is Zeno (Zorgaanbieder De Brug).",
        ),
        (
            (f'{ANNA}, vervanger = "zorgaanbieder: Zeno", uit_dienst = 2026-03-02', BART),
            "Zeno",
            "Anna is niet meer in dienst",
        ),
    ],
)
def test_who_is_away_is_replaced_link_by_link(lines: tuple[str, ...], who: str, said: str) -> None:
    keuze = asked(register(OF_TEAM, people=people(*lines)))
    assert names(keuze) == [who]
    assert said in keuze.stappen[-1].waarom
    assert keuze.ontvangers[0].vervangt == "Anna"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((f'{ANNA}, vervanger = "Bart", WEG', f'{BART}, vervanger = "Anna", WEG'), "is zelf al afwezig"),
        ((f"{ANNA}, WEG", BART), "niemand vervangt"),
        ((f'{ANNA}, vervanger = "Bart", WEG', f"{BART}, WEG"), "niemand vervangt"),
    ],
)
def test_where_nobody_steps_in_the_next_place_is_asked(lines: tuple[str, ...], said: str) -> None:
    """A circle of replacements ends too."""
    keuze = asked(register(OF_TEAM, people=people(*lines)))
    assert names(keuze) == ["Vera"]
    assert steps(keuze)[0] == ("team", "niemand-aanwezig")
    assert said in keuze.stappen[0].waarom


def test_who_left_is_told_nothing_and_works_no_more() -> None:
    """Also where nobody else is there at all: their mailbox is nobody's any more."""
    lines = people(f"{ANNA}, uit_dienst = 2026-03-02", BART)
    known = register('rol = [{ rol = "gemeente-bestuurlijk", personen = ["Anna"] }]\n', people=lines)
    asked_on = {on: asked(known, rol="gemeente-bestuurlijk", on=on) for on in (date(2026, 3, 1), ON)}
    assert [names(keuze) for keuze in asked_on.values()] == [["Anna"], []]
    rollen = [find_rollen(known, "GM0758", "Anna", acr=None, by_provider=True, on=on) for on in asked_on]
    assert rollen == [frozenset({Rol.GEMEENTE_BESTUURLIJK}), frozenset()]


def test_who_replaces_somebody_of_another_organisation_works_there_too_and_no_day_longer() -> None:
    """G12: people act where they are told; they sign in as they do at home."""
    lines = people(f'{ANNA}, vervanger = "veilig-thuis-west-brabant:Vera", WEG', BART)
    known = register('rol = [{ rol = "gemeente-ambtelijk", personen = ["Anna"] }]\n', people=lines)
    provider = ("https://inloggen.vt.example", "houvast")

    def places(on: date) -> set[tuple[str, str, frozenset[Rol]]]:
        found = find_werkplekken(known, provider, {"email": "vera@vt.example"}, acr=None, on=on)
        return {(place.partij, place.persoon, place.rollen) for place in found}

    home = ("veilig-thuis-west-brabant", "Vera", frozenset({Rol.GEDRAGSWETENSCHAPPER}))
    guest = ("GM0758", "Vera", frozenset({Rol.GEMEENTE_AMBTELIJK}))
    assert places(ON) == {home, guest}
    assert places(date(2026, 3, 7)) == {home}
    for on, rollen in ((ON, guest[2]), (date(2026, 3, 7), frozenset[Rol]())):
        assert find_rollen(known, "GM0758", "Vera", acr=None, by_provider=True, on=on) == rollen


@pytest.mark.parametrize(
    ("breda", "lines", "complaint"),
    [
        ("", (f'{ANNA}, vervanger = "nergens:Zeno"', BART), "vervanger: partij nergens staat niet in het register"),
        (
            "",
            (f'{ANNA}, vervanger = "zorgaanbieder:Zus"', BART),
            "Zus staat niet als persoon bij Zorgaanbieder De Brug",
        ),
        ("", (f'{ANNA}, vervanger = "GM0758:Bart"', BART), "schrijf Bart zonder GM0758: dat is een collega"),
        (
            "",
            (f'{ANNA}, vervanger = "zorgaanbieder:Zeno"', 'naam = "Zeno", e_mail = "zeno@breda.example"'),
            "ook hier heet iemand Zeno",
        ),
        (
            'ingekocht_bij = { gedragswetenschapper = "nergens" }\n',
            (ANNA,),
            "partij nergens staat niet in het register",
        ),
    ],
)
def test_what_cannot_be_is_refused_when_it_is_read(breda: str, lines: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(BestandFouten, match=complaint):
        register(breda, people=people(*lines))


@given(st.data())
def test_whatever_the_absences_and_replacements_somebody_is_told_and_nobody_twice(data: st.DataObject) -> None:
    """In a register where the role is filled nobody is ever told nowhere."""
    staff = ["Anna", "Bart", "Cas"]
    lines: list[str] = []
    for naam in staff:
        others = [f'vervanger = "{other}"' for other in [*staff, "zorgaanbieder:Zeno"] if other != naam]
        fields = [f'naam = "{naam}"', f'e_mail = "{naam.lower()}@breda.example"']
        fields += [data.draw(st.sampled_from(others))] if data.draw(st.booleans()) else []
        fields += ["WEG"] if data.draw(st.booleans()) else []
        lines.append(", ".join(fields))
    keuze = asked(register(OF_GEMEENTE, people=people(*lines)), on=data.draw(st.sampled_from([ON, date(2026, 3, 7)])))
    who = [(ontvanger.partij, ontvanger.naam) for ontvanger in keuze.ontvangers]
    assert who
    assert len(set(who)) == len(who)
    assert keuze.stappen[-1].uitkomst in {Stapuitkomst.GEKOZEN, Stapuitkomst.TOCH_GEKOZEN}
