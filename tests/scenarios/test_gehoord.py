"""Every rule of the vangnet by which people hear of a case: made worse in each way, it is refused, or known to be harmless.

A region lays its tables over those of the vangnet (`houvast afspraken check`). What counts is what people hear in a case
and not how the table is written, so a change that leaves everybody informed passes; those are listed with the reason.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from contracts.afspraken import Afspraken, Anker, Drager, Rol, load_rule_book, packaged_bronnen
from contracts.afspraken.duur import Duur
from contracts.afspraken.mededelingen import find_mededelingen
from contracts.afspraken.model import (
    Bericht,
    Herinnering,
    Omstandigheden,
    Opschaling,
    Regel,
    TermijnRegel,
    Zichtbericht,
    ZichtRegel,
)
from contracts.afspraken.stiltecontrole import find_gemis
from contracts.afspraken.toepassing import find_bewegingen, start_termijnen
from contracts.afspraken.voorbeelden import tell_voorbeelden
from services.cli.afspraken import app

BOOK = load_rule_book()
ON = date(2026, 3, 2)
BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)
AFSPRAKEN = BOOK.for_case(regio="midden-brabant", gemeente="GM0855", on=ON)
ELDERS = BOOK.for_case(regio="west-brabant", gemeente="GM0758", on=ON)
"""Where a rule is tried out that has no part in any history under the others, which leave nothing for it to say."""
(VANGNET,) = (document for document in BOOK.documenten if document.kop.id == "vangnet")
TABELLEN: Mapping[str, Regel] = {
    regel.id: regel for _, regel in VANGNET.regels if isinstance(regel, Bericht | Zichtbericht | Herinnering)
}
ANDERS: Mapping[str, tuple[str, ...]] = {
    "urgentie": ("regulier", "spoed", "crisis"),
    "meldpunt_urgentie": ("acuut", "niet-acuut"),
    "meldpunt_vermoeden": ("hgkm", "geen"),
    "ontvanger": ("lokaal-team", "ketenpartner"),
    "overdrachtswijze": ("overgedragen", "aangeboden"),
    "aanbieder": ("veilig-thuis", "lokaal-team", "meldpunt", "ketenpartner"),
    "aanvaarding": ("zelf", "volgens-een-ander", "betwist"),
}
VAN_EEN_OVERDRACHT = ("ontvanger", "overdrachtswijze", "aanbieder", "aanvaarding")
"""Of anything else these are not known: limited to any of them a rule would be left out."""
VERKEERD = (Drager.VEILIG_THUIS, Drager.LOKAAL_TEAM, Drager.KETENPARTNER)
TE_VROEG = (Anker.ZICHT_BEVESTIGD, Anker.CRISISCONTACT_GELEGD)
"""What settles nothing."""

Slechter = tuple[str, dict[str, Any] | None]


def worse(regel: Any) -> Iterator[Slechter]:
    """Each way to make this rule worse, with its name; None leaves it out."""
    yield "weg", None
    yield f"rol={Rol.BEHEERDER.value}", {"rol": Rol.BEHEERDER}
    for urgentie in ("gewoon", "spoed", "crisis")[: ("gewoon", "spoed", "crisis").index(regel.urgentie)]:
        yield f"urgentie={urgentie}", {"urgentie": urgentie}
    for field in ("aan", "drager", "wie"):
        if getattr(regel, field, None) is not None and not (field == "aan" and getattr(regel, "wie_aanbood", False)):
            for drager in VERKEERD:
                if drager is not getattr(regel, field):
                    yield f"{field}={drager.value}", {field: drager}
    if hasattr(regel, "wat"):
        yield "wat omgekeerd", {"wat": "verliest" if regel.wat == "krijgt" else "krijgt"}
    if isinstance(regel, Zichtbericht):
        return
    yield from _worse_in_time(regel)
    yield from _worse_in_circumstances(regel)


def _worse_in_time(regel: Any) -> Iterator[Slechter]:
    if isinstance(regel, Herinnering):
        yield "elke verdubbeld", {"elke": Duur(regel.elke.aantal * 2, regel.elke.eenheid)}
        if regel.vanaf:
            yield "vanaf iets anders", {"vanaf": (Anker.VBS_GEVRAAGD,)}
    if isinstance(regel, Bericht):
        yield "bij iets anders", {"bij": Anker.VBS_GEVRAAGD}
        yield "op_voor omgekeerd", {"op_voor": not regel.op_voor}
        if regel.wie_aanbood:
            yield "wie_aanbood weg", {"wie_aanbood": False}
        if regel.ook_daarna:
            yield "ook_daarna weg", {"ook_daarna": False}
    field = "tot" if isinstance(regel, Herinnering) else "vervalt_bij"
    before = getattr(regel, field)
    if before or field == "vervalt_bij":
        for anker in TE_VROEG:
            yield f"{field}+{anker.value}", {field: (*before, anker)}


def _worse_in_circumstances(regel: Any) -> Iterator[Slechter]:
    if isinstance(regel, Herinnering) and not regel.vanaf:
        return
    before = {} if regel.alleen_bij is None else regel.alleen_bij.model_dump(exclude_none=True)
    (soort,) = {anker.soort for anker in (regel.vanaf if isinstance(regel, Herinnering) else (regel.bij,))}
    for field, values in ANDERS.items():
        if field in VAN_EEN_OVERDRACHT and soort != "overdracht":
            continue
        for value in values:
            if str(before.get(field, "")) != value:
                narrowed = Omstandigheden.model_validate({**before, field: value})
                yield f"{field}={value}", {"alleen_bij": narrowed}


def laid_over(regel: Regel, change: dict[str, Any] | None) -> Afspraken:
    """The agreements in which this table stands as changed, or not at all."""
    afspraken = ELDERS if regel.id in TABELLEN and regel.id not in DEEL else AFSPRAKEN
    others = [other for other in afspraken.regels if other is not regel]
    assert len(others) == len(afspraken.regels) - 1
    changed = () if change is None else (regel.model_copy(update=change),)
    return replace(afspraken, regels=(*others, *changed))


def find_parts(afspraken: Afspraken) -> Mapping[str, list[int]]:
    """In which of the histories each rule has a part: somebody is told by it, its term starts, it moves zicht."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, verhaal in enumerate(VERHALEN):
        bewegingen = find_bewegingen(verhaal, afspraken)
        parts = {item.regel.id for item in find_mededelingen(verhaal, bewegingen, afspraken)}
        parts |= {beweging.regel.id for beweging in bewegingen}
        parts |= {regel.id for regel, _ in start_termijnen(verhaal, afspraken)}
        for regel_id in parts:
            found[regel_id].append(place)
    return found


VERHALEN = tuple(tell_voorbeelden(BEGIN))
DEEL, DEEL_ELDERS = dict(find_parts(AFSPRAKEN)), dict(find_parts(ELDERS))


def is_refused(regel_id: str, afspraken: Afspraken) -> bool:
    """Where the rule has no part, nobody misses it."""
    places = DEEL.get(regel_id) or DEEL_ELDERS.get(regel_id, [])
    return next(find_gemis(afspraken, (VERHALEN[place] for place in places)), None) is not None


OVERGEDRAGEN = "of what Veilig Thuis hands over itself this always holds"
ZICHT_VERTELT = "who gives back what it accepted after an offer bore zicht: that Veilig Thuis bears it is told instead"
MELDPUNT_VRAAGT = "only the meldpunt asks a lokaal team to take over"
KETENPARTNER_GEVRAAGD = "Veilig Thuis, a lokaal team and a ketenpartner ask other parties than lokale teams alone"
ALLEEN_EEN_AANBOD = "only of what was offered others say that it was accepted, so only that is contradicted"
TE_LAAT = "who was asked is refused once another took over: what comes back then from another than its bearer was sent"
EIGEN_INNAME = "the meldpunt comes to bear zicht by its own intake alone, so nobody need tell it"
ANDERE_HERINNERING = "where nothing is asked any more, the weekly reminder that it bears zicht comes instead"
MELDING_HERINNERT = "with a suspicion there is a melding in the same crisis, and its own reminder goes on"
MELDING_VERTELT = "with a suspicion there is a melding of the same act, and what is told of that stays true"
IS_CRISIS = "with a suspicion of an acute crisis the melding has urgentie crisis"
BLIJFT_CRISIS = "from this moment on the case is a crisis, whatever it was before"
EIGEN_HERINNERING = (
    "with a suspicion of an acute crisis the melding has urgentie crisis: a reminder of its own comes of that"
)
EEN_PARTIJ = (
    "in a case without names there is one of its kind: what comes back while it bears zicht was another party's"
)
ZICHT_KOMT_MEE = (
    "that zicht came to the team is told at that moment, with spoed; that this says more is seen by the story of it"
)


ONSCHADELIJK: Mapping[str, Mapping[str, str]] = {
    "bericht-overdracht-geweigerd": {"aanbieder=veilig-thuis": OVERGEDRAGEN},
    "bericht-overdracht-teruggekoppeld": {
        "overdrachtswijze=overgedragen": ZICHT_VERTELT,
        "aanbieder=veilig-thuis": ZICHT_VERTELT,
    },
    "bericht-overdracht-ingetrokken": {"aanbieder=veilig-thuis": OVERGEDRAGEN},
    **{
        f"herinnering-crisis-niet-bevestigd{bij}": {"aanbieder=veilig-thuis": OVERGEDRAGEN}
        for bij in ("", "-lokaal-team", "-ketenpartner")
    },
    "bericht-crisis-bij-meldpunt": {
        "urgentie=crisis": IS_CRISIS,
        "vervalt_bij+zicht-bevestigd": MELDING_VERTELT,
        "vervalt_bij+crisiscontact-gelegd": MELDING_VERTELT,
    },
    "bericht-aanbod-aan-lokaal-team": {"aanbieder=meldpunt": MELDPUNT_VRAAGT},
    "bericht-aanvaard-volgens-ander": {"overdrachtswijze=aangeboden": ALLEEN_EEN_AANBOD},
    "bericht-aanvaard-volgens-ander-lokaal-team": {
        "overdrachtswijze=aangeboden": ALLEEN_EEN_AANBOD,
        "aanbieder=meldpunt": MELDPUNT_VRAAGT,
    },
    "bericht-aanvaarding-betwist-veilig-thuis": {"overdrachtswijze=aangeboden": ALLEEN_EEN_AANBOD},
    "bericht-aanvaarding-betwist-lokaal-team": {
        "overdrachtswijze=aangeboden": ALLEEN_EEN_AANBOD,
        "ontvanger=ketenpartner": EEN_PARTIJ,
    },
    "bericht-aanvaarding-betwist-ketenpartner": {"overdrachtswijze=aangeboden": ALLEEN_EEN_AANBOD},
    "bericht-aanvaarding-betwist-meldpunt": {"overdrachtswijze=aangeboden": ALLEEN_EEN_AANBOD},
    "bericht-aanbod-geweigerd": {"ontvanger=ketenpartner": KETENPARTNER_GEVRAAGD},
    "bericht-aanbod-van-lokaal-team-geweigerd": {"ontvanger=ketenpartner": KETENPARTNER_GEVRAAGD},
    "bericht-aanbod-van-ketenpartner-geweigerd": {"ontvanger=ketenpartner": KETENPARTNER_GEVRAAGD},
    "bericht-aanbod-geweigerd-lokaal-team": {"ontvanger=ketenpartner": KETENPARTNER_GEVRAAGD},
    "bericht-aanbod-geweigerd-ketenpartner": {"ontvanger=ketenpartner": KETENPARTNER_GEVRAAGD},
    "bericht-aanbod-komt-niet-aan-lokaal-team": {"ontvanger=ketenpartner": KETENPARTNER_GEVRAAGD},
    "bericht-aanbod-komt-niet-aan-ketenpartner": {"ontvanger=ketenpartner": KETENPARTNER_GEVRAAGD},
    "bericht-hermelding-lokaal-team": {"ook_daarna weg": ZICHT_KOMT_MEE},
    "bericht-hermelding-meldpunt": {"ook_daarna weg": EIGEN_INNAME},
    "bericht-huishouden-in-crisis-meldpunt": {"ook_daarna weg": EIGEN_INNAME},
    "zicht-gekregen-meldpunt": {
        "weg": EIGEN_INNAME,
        "rol=beheerder": EIGEN_INNAME,
        "urgentie=gewoon": EIGEN_INNAME,
        "wie=veilig-thuis": EIGEN_INNAME,
        "wie=lokaal-team": EIGEN_INNAME,
        "wie=ketenpartner": EIGEN_INNAME,
        "wat omgekeerd": EIGEN_INNAME,
    },
    "herinnering-niet-opgepakt": {
        "weg": ANDERE_HERINNERING,
        "tot+zicht-bevestigd": ANDERE_HERINNERING,
        "tot+crisiscontact-gelegd": ANDERE_HERINNERING,
    },
    "herinnering-crisis-bij-meldpunt-veilig-thuis": {
        "tot+zicht-bevestigd": MELDING_HERINNERT,
        "tot+crisiscontact-gelegd": MELDING_HERINNERT,
        "urgentie=crisis": IS_CRISIS,
    },
    "herinnering-crisis-overgenomen-van-meldpunt": {"urgentie=crisis": BLIJFT_CRISIS},
    "bericht-acute-crisis-lokaal-team": {"urgentie=crisis": BLIJFT_CRISIS},
    "bericht-acute-crisis-ketenpartner": {"urgentie=crisis": BLIJFT_CRISIS},
    "herinnering-acute-crisis": {"urgentie=crisis": BLIJFT_CRISIS},
    "herinnering-acute-crisis-lokaal-team": {"urgentie=crisis": BLIJFT_CRISIS},
    "herinnering-acute-crisis-ketenpartner": {"urgentie=crisis": BLIJFT_CRISIS},
    "herinnering-crisis-kwam-terug": {"aanbieder=veilig-thuis": OVERGEDRAGEN},
    "herinnering-crisis-komt-niet-aan": {"aanbieder=veilig-thuis": OVERGEDRAGEN},
    "herinnering-crisis-teruggegeven-lokaal-team": {
        "overdrachtswijze=overgedragen": TE_LAAT,
        "aanbieder=veilig-thuis": TE_LAAT,
        "ontvanger=ketenpartner": EEN_PARTIJ,
    },
    "herinnering-crisis-kwam-terug-lokaal-team": {
        "aanbieder=veilig-thuis": OVERGEDRAGEN,
        "ontvanger=ketenpartner": EEN_PARTIJ,
    },
    "herinnering-crisis-teruggegeven-ketenpartner": {
        "overdrachtswijze=overgedragen": TE_LAAT,
        "aanbieder=veilig-thuis": TE_LAAT,
        "ontvanger=lokaal-team": EEN_PARTIJ,
    },
    "herinnering-crisis-kwam-terug-ketenpartner": {
        "aanbieder=veilig-thuis": OVERGEDRAGEN,
        "ontvanger=lokaal-team": EEN_PARTIJ,
    },
    "herinnering-crisis-volgens-ander": {
        "overdrachtswijze=aangeboden": ALLEEN_EEN_AANBOD,
        "aanbieder=meldpunt": EIGEN_HERINNERING,
        "meldpunt_vermoeden=geen": EIGEN_HERINNERING,
    },
    "herinnering-crisis-volgens-ander-lokaal-team": {
        "overdrachtswijze=aangeboden": ALLEEN_EEN_AANBOD,
        "aanbieder=meldpunt": MELDPUNT_VRAAGT,
    },
    "herinnering-crisis-volgens-ander-bij-melding": {"overdrachtswijze=aangeboden": ALLEEN_EEN_AANBOD},
}
"""What passes, with why nobody misses anything by it."""

ANDERE_TABELLEN: Mapping[str, str] = {
    "aanbod-beantwoorden": "who is asked is told at once; the term makes its silence climb",
    "aanbod-beantwoorden-lokaal-team": "who is asked is told at once; the term makes its silence climb",
    "opnieuw-wegen-na-weigering": "what came back is told at once, and its bearer is reminded",
    "opnieuw-wegen-na-intrekking": "what came back is told at once, and its bearer is reminded",
    "crisis-contact": "a crisis is told every four hours; the term adds who else is called",
    "crisis-eerste-stap": "a crisis is told every four hours; the term adds who else is called",
    "meldpunt-warme-overdracht": "a crisis at the meldpunt is told every four hours; the term adds who else is called",
    "aflevering-alsnog": "what is not delivered is told by handover; the term makes it climb",
    "signaal-versturen-veilig-thuis": "about a party and not about a case",
    "signaal-versturen-lokaal-team": "about a party and not about a case",
    "zicht-van-meldpunt-naar-andere-partij": "the meldpunt goes on bearing it, and is reminded of that",
    "zicht-eindigt-bij-meldpunt": "the meldpunt goes on bearing it, and is reminded of that",
    "opschaling-niet-op-te-pakken": "zicht stays where it is, and its bearer is reminded",
    "opschaling-niet-op-te-pakken-ketenpartner": "zicht stays where it is, and its bearer is reminded",
}
"""Terms, zicht and opschalingen that can be left out without anybody missing what it has to hear."""


@pytest.mark.parametrize("regel_id", TABELLEN)
def test_each_way_to_make_a_rule_worse_is_refused_or_known_to_be_harmless(regel_id: str) -> None:
    regel = TABELLEN[regel_id]
    passed = {name for name, change in worse(regel) if not is_refused(regel_id, laid_over(regel, change))}
    assert passed == set(ONSCHADELIJK.get(regel_id, {}))


def test_what_else_the_vangnet_holds_is_refused_when_left_out_or_known_to_be_harmless() -> None:
    kinds = (TermijnRegel, ZichtRegel, Opschaling)
    others = [regel for _, regel in VANGNET.regels if isinstance(regel, kinds) and regel in AFSPRAKEN.regels]
    passed = {regel.id for regel in others if not is_refused(regel.id, laid_over(regel, None))}
    assert passed == set(ANDERE_TABELLEN)


@pytest.mark.parametrize("elke", ["1 dag", "3 dagen"])
def test_what_keeps_people_informed_otherwise_passes(elke: str) -> None:
    """A shorter pause; one message for another; the same role reached by another rule."""
    regel = TABELLEN["herinnering-zicht-lokaal-team"]
    assert not is_refused(regel.id, laid_over(regel, {"elke": Duur.parse(elke)}))
    lost = TABELLEN["zicht-verloren-lokaal-team"]
    assert not is_refused(
        lost.id, laid_over(lost, {"id": "eigen-regel", "rol": Rol.LEIDINGGEVENDE, "urgentie": "spoed"})
    )


STIL_OVER_CRISIS = """
[[bericht]]
id = "bericht-crisis-aan-meldpunt"
label = "Er is een crisis bij het meldpunt"
bij = "meldpuntmelding-ontvangen"
alleen_bij = { meldpunt_urgentie = "niet-acuut" }
aan = "meldpunt"
rol = "coordinator"
urgentie = "crisis"
gevraagd = "Draag de melding warm over."
geldig_van = 2022-04-01
bron = { document = "WB", paragraaf = "3", citaat = "een zin uit de afspraken" }
"""


def test_a_region_that_leaves_a_crisis_unheard_is_refused_with_the_history(tmp_path: Path) -> None:
    overlay = tmp_path / "west-brabant.toml"
    overlay.write_text(packaged_bronnen()["regions/west-brabant-2022.toml"] + STIL_OVER_CRISIS, "utf-8")
    ran = CliRunner().invoke(app, ["check", str(overlay), "--op", "2026-03-02"])
    assert ran.exit_code == 1
    assert "niet meteen verteld: een crisis wacht bij het meldpunt" in ran.output
    assert "de melding bij het meldpunt" in ran.output


def test_the_agreements_as_they_are_leave_nobody_out() -> None:
    found = find_gemis(AFSPRAKEN, VERHALEN)
    assert [f"{stil.partij}: {stil.waarom}\n{verhaal.vertel()}" for verhaal, stil in found] == []
