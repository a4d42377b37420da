"""G12: who is told may do what it is told to do. Every rung, term and message of every region, read from the agreements.

What a message asks stands here a second time, in what the agreements say themselves: their anchors and their sentences.
"""

from collections.abc import Iterator, Mapping
from datetime import date

import pytest

from contracts.afspraken import Afspraken, Anker, Drager, Rol, load_rule_book
from contracts.afspraken.ankers import Berichtsoort
from contracts.afspraken.model import Aanspreekpunt, Bericht, Herinnering, LadderRegel, Zichtbericht
from contracts.afspraken.model.basis import Regel
from contracts.afspraken.model.vervolg import Gericht
from contracts.rechten import GEROEPEN_ALS, HANDELINGEN, WERKT_BIJ, Daad, Relatie, may

D, R = Daad, Relatie
Gevraagd = tuple[Daad, Relatie]
BOOK = load_rule_book()
DAYS = (date(2017, 6, 1), date(2022, 6, 1), date(2024, 6, 1), date(2026, 6, 1))

RECORDS: Mapping[Anker, Gevraagd | None] = {
    Anker.TRIAGEBESLUIT_GENOMEN: (D.MELDING_BEHANDELEN, R.VEILIG_THUIS),
    Anker.DIENST_GESTART: (D.MELDING_BEHANDELEN, R.VEILIG_THUIS),
    Anker.DIENST_AFGEROND: (D.MELDING_BEHANDELEN, R.VEILIG_THUIS),
    Anker.WARME_OVERDRACHT_GEHOUDEN: (D.MELDING_BEHANDELEN, R.VEILIG_THUIS),
    Anker.MELDER_GEINFORMEERD: (D.MELDING_BEHANDELEN, R.VEILIG_THUIS),
    Anker.OVERDRACHT_AFGELEVERD: (D.OVERDRACHT_AANBIEDEN, R.VEILIG_THUIS),
    Anker.ONTVANGST_BEVESTIGD: (D.OVERDRACHT_BEANTWOORDEN, R.AANGEBODEN),
    Anker.OVERDRACHT_OPGEPAKT: (D.OVERDRACHT_BEANTWOORDEN, R.ONTVANGER),
    Anker.OVERDRACHT_TERUGGEKOPPELD: (D.OVERDRACHT_BEANTWOORDEN, R.ONTVANGER),
    Anker.OVERDRACHT_GEWEIGERD: (D.OVERDRACHT_BEANTWOORDEN, R.AANGEBODEN),
    Anker.VEILIGHEIDSPLAN_OPGESTELD: (D.PLAN_VASTLEGGEN, R.ONTVANGER),
    Anker.VBS_VERDEELD: (D.SAMENWERKING_BEANTWOORDEN, R.SAMENWERKER),
    Anker.VBS_EERSTE_CONTACT: (D.SAMENWERKCONTACT_MELDEN, R.SAMENWERKER),
    Anker.VBS_CONTACT_GELEGD: (D.SAMENWERKCONTACT_MELDEN, R.SAMENWERKER),
    Anker.MELDPUNTMELDING_OVERGENOMEN: (D.MELDPUNTMELDING_OVERNEMEN, R.MELDPUNT),
    Anker.ANDERE_PARTIJ_AANVAARD: (D.ZORG_AANVAARDEN, R.VEILIG_THUIS),
    Anker.CRISISCONTACT_GELEGD: (D.CRISISSTAP_MELDEN, R.VEILIG_THUIS),
    Anker.CRISISSTAP_GEZET: (D.CRISISSTAP_MELDEN, R.VEILIG_THUIS),
    Anker.HUISVERBOD_OPGELEGD: (D.CASUS_BEHANDELEN, R.VEILIG_THUIS),
    Anker.MONITORMOMENT_GEHOUDEN: (D.CASUS_BEHANDELEN, R.VEILIG_THUIS),
    Anker.MONITORMOMENT_INGEPLAND: (D.CASUS_BEHANDELEN, R.VEILIG_THUIS),
    Anker.STRUCTUREEL_SIGNAAL_AFGEGEVEN: (D.SIGNAAL_VERSTUREN, R.INFORMEERT),
    Anker.STRUCTUREEL_SIGNAAL_BEANTWOORD: (D.SIGNAAL_BEANTWOORDEN, R.AANGESPROKEN),
    Anker.CASUS_GESLOTEN: (D.CASUS_SLUITEN, R.VEILIG_THUIS),
    Anker.MONITORING_HERMELDING: None,
    Anker.MONITORING_HERMELDING_SPOED: None,
    Anker.MONITORING_GESTOPT: None,
    Anker.JEUGDBESCHERMINGSTAFEL_INGEBRACHT: None,
}
"""How what ends a term is recorded; None where it only follows from something else."""
INFORMED = {
    Drager.VEILIG_THUIS: (D.BETROKKENEN_INFORMEREN, R.VEILIG_THUIS),
    Drager.LOKAAL_TEAM: (D.BETROKKENEN_INFORMEREN, R.ONTVANGER),
    Drager.KETENPARTNER: (D.BETROKKENEN_INFORMEREN, R.ONTVANGER),
}
SAYS: Mapping[str, Mapping[Drager, tuple[Gevraagd, ...]]] = {
    "Weeg": {Drager.VEILIG_THUIS: ((D.MELDING_BEHANDELEN, R.VEILIG_THUIS), (D.MELDING_LEZEN, R.VEILIG_THUIS))},
    "Beoordeel": {Drager.VEILIG_THUIS: ((D.MELDING_BEHANDELEN, R.VEILIG_THUIS), (D.MELDING_LEZEN, R.VEILIG_THUIS))},
    "ies een andere weg": {
        Drager.VEILIG_THUIS: ((D.MELDING_BEHANDELEN, R.VEILIG_THUIS),),
        Drager.LOKAAL_TEAM: ((D.OVERDRACHT_BEANTWOORDEN, R.ONTVANGER), (D.CASUS_BEHANDELEN, R.DRAGER)),
        Drager.MELDPUNT: ((D.MELDPUNTMELDING_OVERNEMEN, R.MELDPUNT),),
        Drager.KETENPARTNER: ((D.OVERDRACHT_BEANTWOORDEN, R.ONTVANGER),),
    },
    "ies een andere partij": {
        Drager.VEILIG_THUIS: ((D.MELDING_BEHANDELEN, R.VEILIG_THUIS), (D.CASUS_BEHANDELEN, R.VEILIG_THUIS)),
        Drager.MELDPUNT: ((D.MELDPUNTMELDING_OVERNEMEN, R.MELDPUNT),),
    },
    "kies een andere.": {Drager.MELDPUNT: ((D.MELDPUNTMELDING_OVERNEMEN, R.MELDPUNT),)},
    "kies nu een andere weg": {Drager.VEILIG_THUIS: ((D.OVERDRACHT_AANBIEDEN, R.VEILIG_THUIS),)},
    "neem de melding over": {Drager.VEILIG_THUIS: ((D.MELDPUNTMELDING_OVERNEMEN, R.VEILIG_THUIS),)},
    "overname vast": {
        Drager.VEILIG_THUIS: ((D.MELDPUNTMELDING_OVERNEMEN, R.VEILIG_THUIS),),
        Drager.MELDPUNT: ((D.MELDPUNTMELDING_OVERNEMEN, R.MELDPUNT),),
    },
    "anvaard de casus": dict.fromkeys(
        Drager, ((D.OVERDRACHT_BEANTWOORDEN, R.GEVRAAGD), (D.OVERDRACHT_LEZEN, R.GEVRAAGD))
    ),
    "of weiger met een reden": dict.fromkeys(Drager, ((D.OVERDRACHT_BEANTWOORDEN, R.GEVRAAGD),)),
    "weiger dan met een reden": dict.fromkeys(Drager, ((D.OVERDRACHT_BEANTWOORDEN, R.GEVRAAGD),)),
    "Neem de crisis over": dict.fromkeys(
        Drager, ((D.OVERDRACHT_BEANTWOORDEN, R.GEVRAAGD), (D.ZORG_AANVAARDEN, R.GEVRAAGD))
    ),
    "Pak haar op": dict.fromkeys(
        Drager, ((D.OVERDRACHT_BEANTWOORDEN, R.ONTVANGER), (D.WACHTLIJST_MELDEN, R.ONTVANGER))
    ),
    "casus wordt opgepakt": dict.fromkeys(Drager, ((D.OVERDRACHT_BEANTWOORDEN, R.ONTVANGER),)),
    "Bevestig dat": dict.fromkeys(Drager, ((D.ZICHT_BEVESTIGEN, R.DRAGER),)),
    "luit de casus": dict.fromkeys(Drager, ((D.CASUS_SLUITEN, R.DRAGER),)),
    "draag over": {
        Drager.VEILIG_THUIS: ((D.MELDING_BEHANDELEN, R.VEILIG_THUIS),),
        **dict.fromkeys(set(Drager) - {Drager.VEILIG_THUIS}, ((D.CASUS_BEHANDELEN, R.DRAGER),)),
    },
    "stap is gezet": dict.fromkeys(Drager, ((D.CRISISSTAP_MELDEN, R.DRAGER),)),
    "volgende stap": dict.fromkeys(Drager, ((D.CRISISSTAP_MELDEN, R.VEILIG_THUIS),)),
    "stap wordt gezet": dict.fromkeys(Drager, ((D.CRISISSTAP_MELDEN, R.DRAGER),)),
    "vast wat u doet": dict.fromkeys(Drager, ((D.CASUS_BEHANDELEN, R.DRAGER),)),
    "Leg vast wat er is gebeurd": dict.fromkeys(Drager, ((D.CASUS_BEHANDELEN, R.DRAGER),)),
    "is in Houvast te volgen": dict.fromkeys(Drager, ((D.CASUS_LEZEN, R.INGELICHT),)),
    "In Houvast staat of": dict.fromkeys(Drager, ((D.WERKPLEK_OPENEN, R.PARTIJ),)),
    "In Houvast staat wie": dict.fromkeys(Drager, ((D.WERKPLEK_OPENEN, R.PARTIJ),)),
    "niets meer te doen": {},
    "Kijk": dict.fromkeys(Drager, ((D.CASUS_LEZEN, R.VEILIG_THUIS), (D.CASUS_LEZEN, R.DRAGER))),
    "Spreek": dict.fromkeys(Drager, ((D.CASUS_LEZEN, R.VEILIG_THUIS), (D.CASUS_LEZEN, R.DRAGER))),
}
"""What the sentences ask, by the words that they ask it in and of whom; the rest of a sentence tells."""
TOLD: Mapping[Berichtsoort, tuple[Gevraagd, ...]] = {
    Berichtsoort.HUISVERBOD: ((D.CASUS_LEZEN, R.INGELICHT), (D.CASUS_BEHANDELEN, R.ONTVANGER)),
    Berichtsoort.STAGNATIE_IN_MONITORING: ((D.CASUS_BEHANDELEN, R.DRAGER), (D.CASUS_BEHANDELEN, R.VEILIG_THUIS)),
    Berichtsoort.SIGNAAL_GEVRAAGD: ((D.SIGNAAL_VERSTUREN, R.INFORMEERT), (D.SIGNAAL_OPSTELLEN, R.INFORMEERT)),
    Berichtsoort.SIGNAAL_AFGEGEVEN: ((D.SIGNAAL_BEANTWOORDEN, R.AANGESPROKEN), (D.CASUS_LEZEN, R.AANGESPROKEN)),
    Berichtsoort.SIGNAAL_BEANTWOORD: ((D.SIGNALENLIJST_LEZEN, R.PARTIJ), (D.CASUS_LEZEN, R.INFORMEERT)),
    Berichtsoort.INTREKKING_KOMT_NIET_AAN: ((D.OVERDRACHT_LEZEN, R.VEILIG_THUIS),),
    Berichtsoort.AFLEVERING_GESTAGNEERD: (
        (D.OVERDRACHT_AANBIEDEN, R.VEILIG_THUIS),
        (D.OVERDRACHT_INTREKKEN, R.VEILIG_THUIS),
        (D.RETOURBRIEF_BEHANDELEN, R.VEILIG_THUIS),
        (D.MELDING_BEHANDELEN, R.VEILIG_THUIS),
    ),
    Berichtsoort.VBS_GEVRAAGD: ((D.SAMENWERKING_BEANTWOORDEN, R.SAMENWERKER), (D.SAMENWERKING_LEZEN, R.SAMENWERKER)),
    Berichtsoort.VBS_ZONDER_CAPACITEIT: ((D.SAMENWERKING_VRAGEN, R.VEILIG_THUIS),),
    Berichtsoort.NIEMAND_BEREIKT: ((D.MENSEN_BEHEREN, R.PARTIJ), (D.NOTIFICATIES_LEZEN, R.VEILIG_THUIS)),
    Berichtsoort.NIET_BEKEND: ((D.CASUS_LEZEN, R.VEILIG_THUIS), (D.FEIT_CORRIGEREN, R.VEILIG_THUIS)),
    Berichtsoort.BEHEER_GEVRAAGD: ((D.DODE_BERICHTEN_BEHANDELEN, R.BEHEER), (D.ENDPOINTS_BEHEREN, R.BEHEER)),
    Berichtsoort.LADDER_TEN_EINDE: ((D.ESCALATIE_BEHANDELEN, R.VEILIG_THUIS),),
    Berichtsoort.SLUITING_VERVALLEN: ((D.CASUS_LEZEN, R.VEILIG_THUIS), (D.MELDING_BEHANDELEN, R.VEILIG_THUIS)),
}


def agreements() -> Iterator[Afspraken]:
    for regio in BOOK.regios:
        for on in DAYS:
            try:
                yield BOOK.for_regio(regio=regio, on=on)
            except LookupError:
                continue


def rules(kind: type[Regel]) -> list[Regel]:
    found = [rule for afspraken in agreements() for rule in afspraken.of_kind(kind)]
    assert found, f"no region has any {kind.__name__}"
    return found


def check(rol: Rol, gevraagd: Gevraagd, why: str) -> None:
    daad, relatie = gevraagd
    assert may(daad, {relatie}, {rol}), f"{why}: {rol.value} may not {daad.value} as {relatie.value}"


def test_both_regions_are_looked_at_on_several_days() -> None:
    assert {"west-brabant", "midden-brabant"} <= set(BOOK.regios)
    assert sum(1 for _ in agreements()) > len(BOOK.regios)


def test_every_rung_may_see_the_case_and_handle_the_escalatie() -> None:
    for regel in rules(LadderRegel):
        assert isinstance(regel, LadderRegel)
        for trede in regel.treden:
            assert trede.bij in WERKT_BIJ[trede.rol], f"{regel.id}: nobody is {trede.rol.value} at {trede.bij.value}"
            for daad in (D.CASUS_LEZEN, D.ESCALATIE_BEHANDELEN):
                check(trede.rol, (daad, GEROEPEN_ALS.get(trede.rol, R.GEROEPEN)), regel.id)
            check(trede.rol, (D.ESCALATIELIJST_LEZEN, R.PARTIJ), regel.id)
            check(trede.rol, (D.WERKPLEK_OPENEN, R.PARTIJ), regel.id)


def test_who_is_warned_first_may_record_what_ends_the_term() -> None:
    """The first rung is asked to see to it, and to record it where it was done."""
    for afspraken in agreements():
        for regel in (rule for rule in afspraken.termijnen if rule.ladder is not None):
            first = afspraken.ladder(regel.ladder or "").treden[0]
            ends = [_recorded(anker, regel.verantwoordelijke) for anker in regel.tot]
            for asked in filter(None, ends):
                check(first.rol, asked, f"{afspraken.versie} {regel.id}")


def _recorded(anker: Anker, drager: Drager) -> Gevraagd | None:
    if anker in {Anker.BETROKKENEN_GEINFORMEERD, Anker.BRIEF_ZONDER_CONTACT_GESTUURD}:
        return INFORMED[drager]
    found = RECORDS[anker]
    if found is not None and found[1] is R.VEILIG_THUIS and drager is not Drager.VEILIG_THUIS:
        return None  # Veilig Thuis records it, where another is responsible
    if found is not None and found[1] is not R.VEILIG_THUIS and drager is Drager.VEILIG_THUIS:
        return found if found[1] is R.INFORMEERT else None
    return found


@pytest.mark.parametrize("kind", [Bericht, Zichtbericht, Herinnering])
def test_whom_a_message_asks_something_may_do_it(kind: type[Gericht]) -> None:
    for regel in rules(kind):
        assert isinstance(regel, Gericht)
        drager = next(found for name in ("aan", "drager", "wie") if (found := getattr(regel, name, None)) is not None)
        assert drager in WERKT_BIJ[regel.rol], regel.id
        words = [said for said in SAYS if said in regel.gevraagd]
        assert words, f"{regel.id} asks something that this test does not know: {regel.gevraagd}"
        for said in words:
            for asked in SAYS[said].get(drager, ()):
                check(regel.rol, asked, f"{regel.id} ({said})")


def test_who_only_reads_along_is_told_that_nothing_has_to_be_recorded() -> None:
    """What it is asked is done between people: there is no act for it in Houvast (G12)."""
    reading = [regel for regel in rules(Bericht) if isinstance(regel, Bericht) and regel.leest_mee]
    assert reading
    for regel in reading:
        can = {act.naam for act in HANDELINGEN if act.onderwerp and may(act.daad, {R.INGELICHT}, {regel.rol})}
        assert can <= {"meningsverschil-melden"}, regel.id
        assert "niets voor vast te leggen" in regel.gevraagd, regel.id


def test_who_is_told_without_a_ladder_may_do_what_it_is_told_for() -> None:
    for regel in rules(Aanspreekpunt):
        assert isinstance(regel, Aanspreekpunt)
        for asked in TOLD[regel.bericht]:
            check(regel.rol, asked, regel.id)
