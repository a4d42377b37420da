"""Who is on duty when, by a rota: shifts, public holidays, exceptions, swaps, clock changes; and where it has a hole."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.afspraken import AMSTERDAM, load_rule_book
from contracts.register import Gezocht, Keuze, Register, choose, parse_register
from contracts.register.gaten import find_gaten
from contracts.register.rooster import Rooster, find_beurten, stand_of
from contracts.register.werktijd import STANDAARD, Dagsoort, Werktijd, period
from contracts.register.wijziging import find_bezwaren
from contracts.toml_plaats import BestandFouten

KALENDER = load_rule_book().kalender
MELDPUNT = "meldpunt-west-brabant"
PEOPLE = """
[[partij]]
code = "veilig-thuis-west-brabant"
naam = "Veilig Thuis"
soort = "veilig-thuis"
regio = "west-brabant"

[[partij]]
code = "meldpunt-west-brabant"
naam = "Meldpunt"
soort = "meldpunt"
regio = "west-brabant"
persoon = [
  { naam = "Dag", e_mail = "dag@meldpunt.example" AWAY},
  { naam = "Nacht", e_mail = "nacht@meldpunt.example" },
  { naam = "Weekend", e_mail = "weekend@meldpunt.example" },
  { naam = "Reserve", e_mail = "reserve@meldpunt.example" },
]
rol = [{ rol = "coordinator", personen = ["Dag", "Nacht", "Weekend", "Reserve"] }]
"""
WEEK = '"maandag", "dinsdag", "woensdag", "donderdag", "vrijdag"'
ROOSTER = f"""
[[partij.rooster]]
rol = "coordinator"
begin = 2026-03-02
EXTRA

[[partij.rooster.dienst]]
naam = "dag"
dagen = [{WEEK}]
van = 08:00:00
tot = 22:00:00
personen = ["Dag"]

[[partij.rooster.dienst]]
naam = "nacht"
dagen = [{WEEK}]
van = 22:00:00
tot = 08:00:00
personen = ["Nacht"]

[[partij.rooster.dienst]]
naam = "weekend"
dagen = ["zaterdag", "zondag"]
van = 08:00:00
tot = 08:00:00
personen = ["Weekend"]
"""


def register(rooster: str = ROOSTER, *, extra: str = "", away: str = "") -> Register:
    return parse_register(PEOPLE.replace("AWAY", away) + rooster.replace("EXTRA", extra), bestand="register.toml")


def at(text: str) -> datetime:
    """A moment of 2026 as the clock on the wall says it: `03-02 09:00`."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}").replace(tzinfo=AMSTERDAM)


def chosen(known: Register, moment: datetime) -> Keuze:
    return choose(known, Gezocht(MELDPUNT, "coordinator", moment), KALENDER)


def names(known: Register, moment: datetime) -> list[str]:
    return [ontvanger.naam for ontvanger in chosen(known, moment).ontvangers]


def rooster_of(known: Register) -> tuple[Rooster, ...]:
    return known.partij(MELDPUNT).roosters


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        ("03-02 08:00", "Dag"),
        ("03-02 21:59", "Dag"),
        ("03-02 22:00", "Nacht"),
        ("03-03 07:59", "Nacht"),
        ("03-07 07:59", "Nacht"),
        ("03-07 08:00", "Weekend"),
        ("03-09 07:59", "Weekend"),
        ("03-09 08:00", "Dag"),
    ],
)
def test_who_is_on_duty_is_told_and_nobody_else(moment: str, who: str) -> None:
    """D12: crisis at once, day and night. A night belongs to the day on which it begins."""
    known = register()
    assert names(known, at(moment)) == [who]
    assert f"{who} heeft nu dienst" in chosen(known, at(moment)).stappen[-1].waarom


def test_a_role_without_a_rota_and_before_its_first_day_is_filled_by_everybody() -> None:
    everybody = ["Dag", "Nacht", "Weekend", "Reserve"]
    assert names(register(""), at("03-02 03:00")) == everybody
    before = chosen(register(), at("03-01 12:00"))
    assert [ontvanger.naam for ontvanger in before.ontvangers] == everybody
    assert before.gat_bij is None


def test_in_a_hole_everybody_is_told_and_it_is_said() -> None:
    """The first night of a rota has no shift that began the day before."""
    keuze = chosen(register(), at("03-02 07:59"))
    assert len(keuze.ontvangers) == 4
    assert keuze.gat_bij == MELDPUNT
    assert "gat" in keuze.stappen[-1].waarom


def test_a_shift_of_somebody_away_without_replacement_is_a_hole_too() -> None:
    away = ", afwezig = [{ van = 2026-03-03, tot_en_met = 2026-03-03 }]"
    known = register(away=away)
    keuze = chosen(known, at("03-03 12:00"))
    assert [ontvanger.naam for ontvanger in keuze.ontvangers] == ["Nacht", "Weekend", "Reserve"]
    assert keuze.gat_bij == MELDPUNT
    replaced = register(away=f'{away}, vervanger = "Reserve"')
    assert names(replaced, at("03-03 12:00")) == ["Reserve"]
    assert chosen(replaced, at("03-03 12:00")).gat_bij is None
    found = [gat for gat in find_gaten(known, KALENDER, on=date(2026, 3, 3)) if gat.van > at("03-02 09:00")]
    assert [(gat.van, gat.tot) for gat in found] == [(at("03-03 08:00"), at("03-03 22:00"))]


def test_outside_the_work_time_that_a_rota_covers_everybody_is_told_and_nothing_lacks() -> None:
    """A rota for the day does not need anybody at night."""
    known = register(extra='bezet = "werktijd"')
    day_only = register(
        ROOSTER[: ROOSTER.index('[[partij.rooster.dienst]]\nnaam = "nacht"')], extra='bezet = "werktijd"'
    )
    assert find_gaten(known, KALENDER, on=date(2026, 3, 2)) == ()
    assert find_gaten(day_only, KALENDER, on=date(2026, 3, 2), vooruit=timedelta(weeks=5)) == ()
    assert names(day_only, at("03-03 09:00")) == ["Dag"]
    assert len(names(day_only, at("03-03 03:00"))) == 4
    assert chosen(day_only, at("03-03 03:00")).gat_bij is None


@pytest.mark.parametrize(
    ("extra", "moments"),
    [
        ('afwijking = [{ op = 2026-03-04, dienst = "dag", personen = ["Reserve"] }]', {"03-04 12:00": "Reserve"}),
        (
            'ruil = [{ dienst = "weekend", op = 2026-03-07, met = 2026-03-15 }]',
            {"03-07 12:00": "Weekend", "03-15 12:00": "Weekend"},
        ),
        (
            'afwijking = [{ op = 2026-03-07, dienst = "dag", personen = ["Reserve"] }]',
            {"03-07 12:00": "Reserve Weekend"},
        ),
    ],
)
def test_an_exception_and_a_swap_hold_for_their_days_only(extra: str, moments: dict[str, str]) -> None:
    for moment, who in moments.items():
        assert sorted(names(register(extra=extra), at(moment))) == who.split()
    assert names(register(extra=extra), at("03-11 12:00")) == ["Dag"]


def test_a_swap_takes_the_people_of_the_other_week() -> None:
    """A cycle of two weeks; the people of two days change places."""
    two = ROOSTER.replace('naam = "weekend"', 'naam = "even"\nweken = [2]')
    two += '\n[[partij.rooster.dienst]]\nnaam = "oneven"\nweken = [1]\ndagen = ["zaterdag", "zondag"]\n'
    two += 'van = 08:00:00\ntot = 08:00:00\npersonen = ["Reserve"]\n'
    known = register(two, extra="cyclus = 2")
    assert [names(known, at(day)) for day in ("03-07 12:00", "03-14 12:00", "03-21 12:00")] == [
        ["Reserve"],
        ["Weekend"],
        ["Reserve"],
    ]
    assert find_gaten(known, KALENDER, on=date(2026, 3, 3)) == ()


def test_public_holidays_are_days_like_any_other_but_for_shifts_of_their_own() -> None:
    """Tweede paasdag 2026 is Monday 6 April, 27 April is Koningsdag."""
    assert names(register(), at("04-06 12:00")) == ["Dag"]
    own = (
        ROOSTER + '\n[[partij.rooster.dienst]]\nnaam = "feest"\ndagen = ["feestdag"]\nvan = 08:00:00\ntot = 08:00:00\n'
    )
    known = register(own + 'personen = ["Reserve"]\n')
    assert [names(known, at(day)) for day in ("04-06 12:00", "04-07 12:00", "04-27 23:00", "04-28 07:00")] == [
        ["Reserve"],
        ["Dag"],
        ["Reserve"],
        ["Reserve"],
    ]
    assert find_gaten(known, KALENDER, on=date(2026, 3, 3)) == ()


@pytest.mark.parametrize(("night", "hours"), [(date(2026, 3, 28), 9), (date(2026, 10, 24), 11), (date(2026, 5, 2), 10)])
def test_a_night_is_as_long_as_the_clock_on_the_wall_says(night: date, hours: int) -> None:
    """Both clock changes lie in a night."""
    van, tot = period(night, time(22), time(8))
    assert tot - van == timedelta(hours=hours)


def test_a_rota_that_runs_out_is_a_hole_until_another_follows() -> None:
    known = register(extra="tot_en_met = 2026-03-15")
    (gat,) = find_gaten(known, KALENDER, on=date(2026, 3, 3))
    assert (gat.van, gat.tot) == (at("03-16 08:00"), at("04-28 00:00"))
    assert str(gat) == (
        "Meldpunt (meldpunt-west-brabant): het rooster van de rol coordinator is leeg van 16-03-2026 08:00 tot"
        " 28-04-2026 00:00"
    )
    assert chosen(known, at("03-16 12:00")).gat_bij == MELDPUNT
    follows = ROOSTER.replace("2026-03-02", "2026-03-16").replace("EXTRA", "")
    both = register(ROOSTER.replace("EXTRA", "tot_en_met = 2026-03-15") + follows)
    assert find_gaten(both, KALENDER, on=date(2026, 3, 3)) == ()
    assert names(both, at("03-16 07:00")) == ["Weekend"], "the last shift of the first rota goes on into the second"


def test_eight_weeks_are_looked_ahead_from_the_day_that_is_asked() -> None:
    known = register(extra="tot_en_met = 2026-05-10")
    assert find_gaten(known, KALENDER, on=date(2026, 3, 3)) == ()
    assert find_gaten(known, KALENDER, on=date(2026, 4, 1)) != ()


def test_a_change_that_makes_a_hole_is_an_objection() -> None:
    book, on = load_rule_book(), date(2026, 3, 3)
    worse = find_bezwaren(register(), register(extra="tot_en_met = 2026-03-15"), book, on=on)
    assert any("is leeg van" in sentence for sentence in worse)
    assert not any(
        "is leeg" in sentence for sentence in find_bezwaren(register(), register(extra="cyclus = 2"), book, on=on)
    )


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("begin = 2026-03-02", "begin = 2026-03-03"), "begin is geen maandag"),
        (("EXTRA", "tot_en_met = 2026-03-01"), "tot_en_met ligt vóór begin"),
        (('naam = "nacht"', 'naam = "dag"'), "twee diensten met dezelfde naam"),
        (("EXTRA", 'ruil = [{ dienst = "laat", op = 2026-03-07, met = 2026-03-15 }]'), "er is geen dienst laat"),
        (('naam = "nacht"', 'naam = "nacht"\nweken = [2]'), "een week na de 1e bestaat niet"),
        (('personen = ["Nacht"]', 'personen = ["Judas"]'), "Judas heeft deze rol niet"),
        (('rol = "coordinator"', 'rol = "triagist"'), "heeft deze rol zo niet"),
        (("van = 22:00:00", 'van = "22:00"'), "van"),
    ],
)
def test_a_rota_that_cannot_be_is_refused_when_it_is_read(change: tuple[str, str], complaint: str) -> None:
    with pytest.raises(BestandFouten, match=complaint):
        register(ROOSTER.replace(*change))


@given(minutes=st.integers(0, 60 * 24 * 364))
def test_at_every_minute_of_a_year_exactly_the_one_shift_that_covers_it_is_on_duty(minutes: int) -> None:
    """An oracle that reads the clock on the wall: both clock changes and all public holidays are in the year."""
    moment = at("03-03 00:00").astimezone(UTC) + timedelta(minutes=minutes)
    local = moment.astimezone(AMSTERDAM)
    shift_day = local.date() if local.time() >= time(8) else local.date() - timedelta(days=1)
    by_day = time(8) <= local.time() < time(22)
    expected = "Weekend" if shift_day.weekday() >= 5 else {True: "Dag", False: "Nacht"}[by_day]
    stand = stand_of(rooster_of(register()), moment, KALENDER, STANDAARD)
    assert stand is not None
    assert stand.namen == (expected,)


@given(day=st.dates(date(2026, 3, 3), date(2027, 12, 31)))
def test_shifts_follow_each_other_without_a_hole_or_overlap_whatever_the_clock_does(day: date) -> None:
    beurten = sorted(
        find_beurten(rooster_of(register()), day, day + timedelta(days=3), KALENDER), key=lambda one: one.van
    )
    assert all(one.tot == next_.van for one, next_ in pairwise(beurten))


@given(
    minutes=st.integers(0, 60 * 24 * 730),
    dagen=st.sets(st.sampled_from(Dagsoort), min_size=1).filter(lambda found: found != {Dagsoort.FEESTDAG}),
    hours=st.tuples(st.integers(0, 22), st.integers(1, 23)).filter(lambda pair: pair[0] < pair[1]),
)
def test_the_next_work_time_is_work_time_and_no_minute_before_it_is(
    minutes: int, dagen: set[Dagsoort], hours: tuple[int, int]
) -> None:
    werktijd = Werktijd(van=time(hours[0]), tot=time(hours[1]), dagen=tuple(dagen))
    moment = at("01-01 00:00").astimezone(UTC) + timedelta(minutes=minutes)
    found = werktijd.next_from(moment, KALENDER)
    assert found >= moment
    assert werktijd.includes(found, KALENDER)
    assert found == moment or not werktijd.includes(found - timedelta(minutes=1), KALENDER)
    step = (found - moment) / 50
    assert not any(werktijd.includes(moment + number * step, KALENDER) for number in range(50) if found > moment)
