"""A register with mistakes: each named at once, with its line and field; and the sample register that has none."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from contracts.afspraken import AMSTERDAM, Rol, load_rule_book
from contracts.messages.notifier import Notificatiekanaal
from contracts.register import Gezocht, Herkomst, choose, missing_roles, parse_register
from contracts.toml_plaats import BestandFouten

SAMPLE = Path(__file__).parents[3] / "deploy" / "register.toml"
SANDBOX = {"sandbox": "http://127.0.0.1:8090"}
KALENDER = load_rule_book().kalender
DEMO_DAY = date(2026, 3, 2)

VEILIG_THUIS = """\
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis"
soort = "veilig-thuis"
regio = "west-brabant"
"""
BREDA = """\
[[gemeente]]
code = "GM0758"
naam = "Breda"
oin = "00000099075800000000"
regio = "west-brabant"
[gemeente.endpoint]
soort = "rest"
url = "https://breda.example/in"
geheimen = ["env:BREDA"]
"""
GOOD = VEILIG_THUIS + BREDA


ZGW = GOOD.replace(
    BREDA[BREDA.index('soort = "rest"') :],
    """soort = "zgw"
url = "https://zaken.example"
client_id = "houvast"
geheim = "env:BREDA"
zaaktype = "https://zaken.example/catalogi/api/v1/zaaktypen/1"
rsin = "517439943"
statussen = { "Ontvangen" = "ontvangen" }
""",
)


def mistakes(text: str) -> list[str]:
    with pytest.raises(BestandFouten) as caught:
        parse_register(text, bestand="r.toml")
    return [str(fout) for fout in caught.value.fouten]


def test_the_example_of_these_tests_is_right() -> None:
    assert parse_register(GOOD, bestand="r.toml").gemeente("GM0758", on=DEMO_DAY).naam == "Breda"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('"00000099075800000000"', '"0758"'), "r.toml:9: gemeente[1].oin: is geen OIN"),
        (('code = "GM0758"', 'code = "Breda"'), "r.toml:7: gemeente[1].code: heeft niet de juiste vorm"),
        (('naam = "Breda"', 'nam = "Breda"'), "r.toml:8: gemeente[1].nam: onbekend veld"),
        (('soort = "rest"', 'soort = "soap"'), "r.toml:12: gemeente[1].endpoint.soort: onbekende waarde 'soap'"),
        (('soort = "rest"\n', ""), "r.toml:11: gemeente[1].endpoint.soort: ontbreekt"),
        (("https://", "http://"), "r.toml:13: gemeente[1].endpoint.url: moet met https:// beginnen"),
        (("https://", "ftp://"), "r.toml:13: gemeente[1].endpoint.url: is geen webadres"),
        (("https://", "https://u:p@"), "r.toml:13: gemeente[1].endpoint.url: mag geen gebruikersnaam"),
        (("/in", "/in?sleutel=1"), "r.toml:13: gemeente[1].endpoint.url: mag geen vraagteken"),
        (("https://breda.example", "https://["), "r.toml:13: gemeente[1].endpoint.url: is geen webadres"),
        (("https://breda.example", "{zandbak}"), "r.toml:13: gemeente[1].endpoint.url: onbekende variabele {zandbak}"),
        (('["env:BREDA"]', "[]"), "r.toml:14: gemeente[1].endpoint.geheimen: mag niet leeg zijn"),
        (
            ('regio = "west-brabant"\n[gem', 'regio = "west"\n[gem'),
            "r.toml:10: gemeente[1].regio: onbekende regio west",
        ),
        (
            ('soort = "veilig-thuis"', 'soort = "ggz"'),
            "r.toml:5: partij[1].regio: onbekende regio west-brabant; bekend: geen",
        ),
        (("[[gemeente]]", "[gemeente]"), "r.toml:6: gemeente: schrijf elke gemeente als [[gemeente]]"),
        (
            ("[[gemeente]]", "[[gemeenten]]"),
            "r.toml:6: gemeenten: onbekende tabel; kies uit [[gemeente]] of [[partij]]",
        ),
        (('naam = "Breda"', 'naam = "Breda'), "r.toml:8: geen geldige TOML"),
    ],
)
def test_one_mistake_is_named_with_its_place(change: tuple[str, str], expected: str) -> None:
    changed = GOOD.replace(*change)
    assert changed != GOOD
    assert any(line.startswith(expected) for line in mistakes(changed)), mistakes(changed)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('naam = "Breda"', r'naam = "Breda\r\nBcc: iemand@elders.example"'), "r.toml:8: gemeente[1].naam: mag geen"),
        (('naam = "Breda"', r'naam = "Bre\u001bda"'), "r.toml:8: gemeente[1].naam: mag geen"),
        (('naam = "Breda"', r'naam = "Bre\u2028da"'), "r.toml:8: gemeente[1].naam: mag geen"),
        (('naam = "Veilig Thuis"', r'naam = "Veilig\tThuis"'), "r.toml:3: partij[1].naam: mag geen"),
        (("breda.example/in", r"breda.exa\nmple/in"), "r.toml:13: gemeente[1].endpoint.url: mag geen"),
        (("env:BREDA", r"file:bre\rda"), "r.toml:14: gemeente[1].endpoint.geheimen[1]: een geheim staat hier alleen"),
    ],
)
def test_a_name_or_address_is_one_line_without_control_characters(change: tuple[str, str], expected: str) -> None:
    """They go into mails, cards and letters, where a line break begins something else."""
    (told,) = mistakes(GOOD.replace(*change))
    assert told.startswith(expected)


def test_a_literal_secret_is_refused_and_not_repeated() -> None:
    (line,) = mistakes(GOOD.replace("env:BREDA", "whsec_c2VjcmV0"))
    assert line.startswith("r.toml:14: gemeente[1].endpoint.geheimen[1]: een geheim staat hier alleen als verwijzing")
    assert "c2VjcmV0" not in line


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ('persoon = [{ naam = "A" }]', "gemeente[1].persoon[1]: is niet te bereiken"),
        ('persoon = [{ naam = "A", e_mail = "a.example" }]', "gemeente[1].persoon[1].e_mail: is geen e-mailadres"),
        (
            'persoon = [{ naam = "A", teams = "https://x" }]',
            "gemeente[1].persoon[1].teams: een geheim staat hier alleen",
        ),
        (
            'persoon = [{ naam = "A", e_mail = "a@b.example", vervanger = "B" }]',
            "gemeente[1].persoon[1].vervanger: B staat niet als [[gemeente.persoon]] bij Breda",
        ),
        (
            'persoon = [{ naam = "A", e_mail = "a@b.example", vervanger = "A" }]',
            "gemeente[1].persoon[1].vervanger: iemand kan zichzelf niet vervangen",
        ),
        (
            'persoon = [{ naam = "A", e_mail = "a@b.example" }, { naam = "A", e_mail = "a@b.example" }]',
            "gemeente[1].persoon[2].naam: A staat er twee keer in",
        ),
        (
            'persoon = [{ naam = "A", teams = "env:A", afwezig = [{ van = 2026-03-02, tot_en_met = 2026-03-01 }] }]',
            "gemeente[1].persoon[1].afwezig[1]: tot_en_met ligt vóór van",
        ),
        ('rol = [{ rol = "leidinggevende", personen = ["B"] }]', "gemeente[1].rol[1].personen[1]: B staat niet als"),
        ('rol = [{ rol = "leidinggevende", personen = [] }]', "gemeente[1].rol[1].personen: mag niet leeg zijn"),
        ('rol = [{ rol = "baas", personen = ["B"] }]', "gemeente[1].rol[1].rol: onbekende waarde 'baas'"),
        (
            'rol = [{ rol = "leidinggevende", personen = ["B"], team = "x" }]',
            "gemeente[1].rol[1].team: Breda heeft geen team x",
        ),
        ('team = [{ code = "x", naam = "X", soort = "groot" }]', "gemeente[1].team[1].soort: onbekende waarde 'groot'"),
        (
            'team = [{ code = "x", naam = "X", soort = "volledig" }, { code = "x", naam = "Y", soort = "volledig" }]',
            "gemeente[1].team[2].code: x staat er twee keer in",
        ),
        ("geldig_van = 2023-01-01\ngeldig_tot = 2023-01-01", "gemeente[1]: geldig_tot ligt niet na geldig_van"),
    ],
)
def test_people_teams_and_validity_are_checked(extra: str, expected: str) -> None:
    found = mistakes(GOOD.replace("[gemeente.endpoint]", f"{extra}\n[gemeente.endpoint]"))
    assert any(line.partition(" ")[2].startswith(expected) for line in found), found


def test_a_team_endpoint_is_checked_at_its_own_line() -> None:
    team = '[[gemeente.team]]\ncode = "x"\nnaam = "X"\nsoort = "volledig"\n'
    found = mistakes(GOOD + team + '[gemeente.team.endpoint]\nsoort = "e-mail"\nadres = "x"\n')
    assert found == ["r.toml:21: gemeente[1].team[1].endpoint.adres: is geen e-mailadres"]


def test_the_same_gemeente_may_follow_itself_but_not_overlap() -> None:
    until, since = "geldig_tot = 2023-01-01\n[gemeente.endpoint]", "geldig_van = {}\n[gemeente.endpoint]"
    first = BREDA.replace("[gemeente.endpoint]", until)
    second = BREDA.replace("[gemeente.endpoint]", since)
    register = parse_register(VEILIG_THUIS + first + second.format("2023-01-01"), bestand="r.toml")
    assert register.gemeente("GM0758", on=date(2023, 1, 1)).geldig_tot is None
    found = mistakes(VEILIG_THUIS + first + second.format("2022-12-31"))
    assert found == ["r.toml:17: gemeente[2].code: GM0758 staat er twee keer in voor dezelfde dagen"]


def test_two_parties_with_one_code_or_one_oin_are_refused() -> None:
    assert mistakes(GOOD + VEILIG_THUIS) == [
        "r.toml:16: partij[2].code: veilig-thuis-west-brabant staat er twee keer in",
        "r.toml:19: partij[2].regio: regio west-brabant heeft al een Veilig Thuis",
    ]
    assert mistakes(GOOD + BREDA.replace("GM0758", "GM0748")) == [
        "r.toml:18: gemeente[2].oin: is ook het OIN van Breda",
    ]


def test_everything_is_named_at_once() -> None:
    """Also what stands in a table that could not be read for another reason."""
    wrong = (
        GOOD.replace("00000099075800000000", "1")
        .replace("https://", "http://")
        .replace('regio = "west-brabant"\n[gem', 'regio = "elders"\n[gem')
    )
    assert [line.partition(": ")[2].partition(":")[0] for line in mistakes(wrong)] == [
        "gemeente[1].oin",
        "gemeente[1].regio",
        "gemeente[1].endpoint.url",
    ]


def test_a_table_that_lacks_everything_is_told_what_it_lacks() -> None:
    found = mistakes(GOOD + "[[partij]]\n[[partij]]\nsoort = 'veilig-thuis'\n[[gemeente]]\n[[gemeente]]\nrol = [{}]\n")
    lacking = {line.partition(": ")[2] for line in found}
    assert {
        "partij[2].code: ontbreekt",
        "partij[2].regio: ontbreekt",
        "gemeente[3].rol[1].personen: ontbreekt",
    } <= lacking
    assert all(line.endswith(": ontbreekt") for line in found)


def test_an_address_can_carry_a_variable() -> None:
    text = GOOD.replace("https://breda.example", "{sandbox}/sandbox")
    endpoint = parse_register(text, bestand="r.toml", variabelen=SANDBOX).gemeente("GM0758", on=DEMO_DAY).endpoint
    assert endpoint.soort == "rest"
    assert endpoint.url == "http://127.0.0.1:8090/sandbox/in"


def test_the_sample_register_has_the_sixteen_and_their_neighbours() -> None:
    register = parse_register(SAMPLE.read_text(), bestand=SAMPLE.name, variabelen=SANDBOX)
    assert len(register.gemeenten(date(2022, 12, 31), regio="west-brabant")) == 16
    assert len(register.gemeenten(DEMO_DAY, regio="west-brabant")) == 14
    assert len(register.gemeenten(DEMO_DAY)) == 25
    assert register.gemeente("GM1723", on=DEMO_DAY).regio == "midden-brabant"


def test_in_the_sample_register_every_rung_of_every_ladder_leads_to_people() -> None:
    register = parse_register(SAMPLE.read_text(), bestand=SAMPLE.name, variabelen=SANDBOX)
    own = {Rol.LEIDINGGEVENDE, Rol.COORDINATOR, Rol.GEDRAGSWETENSCHAPPER}
    municipal = {Rol.GEMEENTE_AMBTELIJK, Rol.GEMEENTE_BESTUURLIJK}
    assert missing_roles(register, own | municipal, KALENDER, on=DEMO_DAY) == ()
    assert missing_roles(register, own | municipal, KALENDER, on=date(2022, 6, 1)) == ()
    parties = [register.veilig_thuis(regio).code for regio in register.regios()]
    parties += [register.meldpunt(regio).code for regio in register.regios()]
    assert missing_roles(register, own, KALENDER, on=DEMO_DAY, partijen=parties) == ()


def test_in_the_sample_register_some_buy_the_gedragswetenschapper_from_veilig_thuis() -> None:
    register = parse_register(SAMPLE.read_text(), bestand=SAMPLE.name, variabelen=SANDBOX)
    noon = datetime.combine(DEMO_DAY, time(12), AMSTERDAM)
    sources = {
        choose(register, Gezocht(gemeente.code, "gedragswetenschapper", noon), KALENDER).ontvangers[0].herkomst
        for gemeente in register.gemeenten(DEMO_DAY)
    }
    assert sources == {Herkomst.GEMEENTE, Herkomst.INGEKOCHT, Herkomst.VEILIG_THUIS}


def test_every_gemeente_of_the_sample_register_takes_part_in_agreements() -> None:
    register, book = parse_register(SAMPLE.read_text(), bestand=SAMPLE.name, variabelen=SANDBOX), load_rule_book()
    for gemeente in register.gemeenten(DEMO_DAY):
        assert book.for_case(regio=gemeente.regio, gemeente=gemeente.code, on=DEMO_DAY).regio == gemeente.regio


def test_the_sample_register_invents_its_people() -> None:
    register = parse_register(SAMPLE.read_text(), bestand=SAMPLE.name, variabelen=SANDBOX)
    organisaties = [*register.gemeenten(DEMO_DAY), *register.gemeenten(date(2022, 6, 1)), *register.partijen()]
    assert all(organisatie.oin is None or organisatie.oin.startswith("00000099") for organisatie in organisaties)
    personen = [persoon for organisatie in organisaties for persoon in organisatie.personen]
    addresses = [persoon.adressen.get(Notificatiekanaal.E_MAIL) for persoon in personen]
    assert all(address is not None and address.endswith(".example") for address in addresses)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (('"517439943"', '"517439944"'), "r.toml:17: gemeente[1].endpoint.rsin: is geen RSIN"),
        (('= "ontvangen"', '= "gezien"'), "r.toml:18: gemeente[1].endpoint.statussen"),
        (
            ("https://zaken.example/cat", "{zandbak}/cat"),
            "r.toml:16: gemeente[1].endpoint.zaaktype: onbekende variabele",
        ),
        (('"env:BREDA"', '"geheim"'), "r.toml:15: gemeente[1].endpoint.geheim: een geheim staat hier alleen als"),
    ],
)
def test_a_mistake_about_a_zaaksysteem_is_named_with_its_place(change: tuple[str, str], expected: str) -> None:
    assert parse_register(ZGW, bestand="r.toml").gemeente("GM0758", on=DEMO_DAY).endpoint.soort == "zgw"
    changed = ZGW.replace(*change)
    assert changed != ZGW
    (mistake,) = mistakes(changed)
    assert mistake.startswith(expected)


SIGN_IN = """
[partij.aanmelding]
uitgever = "https://aanmelden.example/realms/vt"
client_id = "houvast"
[[partij.persoon]]
naam = "Judith van Campen"
e_mail = "Team@vt.example"
[[partij.persoon]]
naam = "Roderick Vermeulen"
e_mail = "team@vt.example"
"""


def with_sign_in(text: str) -> str:
    """The example, in which the people of Veilig Thuis sign in."""
    return VEILIG_THUIS + text.removeprefix("\n") + BREDA


def test_who_signs_in_is_one_person_of_the_organisation() -> None:
    assert mistakes(with_sign_in(SIGN_IN)) == [
        "r.toml:14: partij[1].persoon[2].e_mail: hiermee meldt Judith van Campen zich al aan; geef ieder een aanmeldnaam"
    ]
    apart = SIGN_IN.replace('naam = "Roderick Vermeulen"', 'naam = "Roderick Vermeulen"\naanmeldnaam = "rvermeulen"')
    parse_register(with_sign_in(apart), bestand="r.toml")
    by_another_claim = SIGN_IN.replace('client_id = "houvast"', 'client_id = "houvast"\nkenmerk = "upn"')
    parse_register(with_sign_in(by_another_claim), bestand="r.toml")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("https://aan", "http://aan"), "r.toml:7: partij[1].aanmelding.uitgever: moet met https:// beginnen"),
        (('client_id = "houvast"\n', ""), "partij[1].aanmelding.client_id: ontbreekt"),
        (('client_id = "houvast"', 'client_id = "houvast"\ngeheim = "hunter2"'), "partij[1].aanmelding.geheim"),
        (
            ('client_id = "houvast"', 'client_id = "houvast"\nacr = { baas = ["2"] }'),
            "partij[1].aanmelding.acr.baas: onbekende waarde 'baas'",
        ),
        (
            ('client_id = "houvast"', 'client_id = "houvast"\nacr = { triagist = [] }'),
            "partij[1].aanmelding.acr.triagist: mag niet leeg zijn",
        ),
    ],
)
def test_a_mistake_about_signing_in_is_named_with_its_place(change: tuple[str, str], expected: str) -> None:
    alone = SIGN_IN[: SIGN_IN.index("[[partij.persoon]]")]
    (found,) = mistakes(with_sign_in(alone.replace(*change)))
    assert expected in found
