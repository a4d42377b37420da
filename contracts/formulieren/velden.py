"""What people read at a field: its label, and an explanation where the label does not say enough."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Veldwoorden:
    """`enkel` is what one row of several is called, `leeg` the choice of nothing; `autocomplete` and `inputmode` are those
    of HTML.
    """

    label: str
    uitleg: str = ""
    enkel: str = ""
    leeg: str = "Niet ingevuld"
    autocomplete: str = ""
    inputmode: str = ""


_NU = "Laat dit leeg als het nu is."
_VERZEGELD = "Dit wordt verzegeld bewaard."
FIELDS: Mapping[str, Veldwoorden] = {
    # one name, wherever it stands
    "naam": Veldwoorden("Naam"),
    "functie": Veldwoorden("Functie"),
    "organisatie": Veldwoorden("Organisatie"),
    "telefoon": Veldwoorden("Telefoon", inputmode="tel"),
    "email": Veldwoorden("E-mailadres", inputmode="email"),
    "adres": Veldwoorden("Adres"),
    "postcode": Veldwoorden("Postcode", "Bijvoorbeeld 1234 AB."),
    "bsn": Veldwoorden("BSN", "Alleen als u het weet.", inputmode="numeric"),
    "leeftijd": Veldwoorden("Leeftijd", "In jaren, als u geen geboortedatum weet.", inputmode="numeric"),
    "geboortedatum": Veldwoorden("Geboortedatum", "Jaar-maand-dag, bijvoorbeeld 1989-04-17. Alleen het jaar mag ook."),
    "kenmerk": Veldwoorden("Eigen kenmerk", "Hoe deze zaak bij u heet. Een tweede keer hetzelfde kenmerk is dezelfde."),
    "ontvangenOp": Veldwoorden("Ontvangen op", _NU),
    "gesteldOp": Veldwoorden("Gesteld op", _NU),
    "bron": Veldwoorden("Van wie komt het?"),
    "urgentie": Veldwoorden("Hoe dringend is het?"),
    "gemeente": Veldwoorden("Gemeente", "Waar de mensen om wie het gaat wonen."),
    "regio": Veldwoorden("Regio"),
    "team": Veldwoorden("Lokaal team", "Alleen als de gemeente er meer dan één heeft."),
    "partij": Veldwoorden("Partij"),
    "melder": Veldwoorden("Melder", "De naam is nodig, behalve als de melder anoniem wil blijven."),
    "betrokkenen": Veldwoorden("Betrokkenen", "De mensen om wie het gaat.", enkel="Betrokkene"),
    "omschrijving": Veldwoorden("Wat is er aan de hand?", _VERZEGELD),
    "feiten": Veldwoorden("Feiten", "Zeg alleen ja of nee als u het weet."),
    "wilAnoniemBlijven": Veldwoorden("De melder wil anoniem blijven"),
    "rol": Veldwoorden("Wie is dit?"),
    "toelichting": Veldwoorden("Toelichting", _VERZEGELD),
    "door": Veldwoorden("Wie legt dit vast?"),
    "medewerker": Veldwoorden("Wie legt dit vast?"),
    "op": Veldwoorden("Wanneer", _NU),
    "wijze": Veldwoorden("Hoe"),
    "reden": Veldwoorden("Reden"),
    "bewijs": Veldwoorden("Wie van die partij heeft aanvaard?", "Alleen als u zeker weet dat zij heeft aanvaard."),
    "ontvangers": Veldwoorden("Aan wie draagt u over?", enkel="Ontvanger"),
    "overdrachtsdocument": Veldwoorden("Overdrachtsdocument", _VERZEGELD),
    "overdrachtspartijen": Veldwoorden("Overdrachtspartijen", enkel="Partij"),
    "correctie": Veldwoorden("Dit vervangt wat eerder is vastgelegd"),
    "geinformeerdOp": Veldwoorden("Geïnformeerd op", _NU),
    "onderwerp": Veldwoorden("Waar ging het over?"),
    # the people of an organisation
    "RolInvoer.rol": Veldwoorden("Rol"),
    "RolInvoer.doelgroep": Veldwoorden("Voor wie"),
    "PersoonInvoer.e_mail": Veldwoorden("E-mailadres", inputmode="email"),
    "PersoonInvoer.teams": Veldwoorden("Kanaal in Teams", "Een kanaal dat uw organisatie al gebruikt."),
    "PersoonInvoer.aanmeldnaam": Veldwoorden(
        "Naam bij het aanmelden", "Alleen als iemand zich bij uw organisatie niet aanmeldt met het e-mailadres."
    ),
    "PersoonInvoer.rollen": Veldwoorden("Rollen", enkel="Rol"),
    "PersoonInvoer.afwezig": Veldwoorden("Afwezigheid", enkel="Periode"),
    "PersoonInvoer.vervanger": Veldwoorden("Vervanger", "Krijgt bij afwezigheid de berichten."),
    "Afwezigheid.van": Veldwoorden("Van"),
    "Afwezigheid.tot_en_met": Veldwoorden("Tot en met"),
    # a name where one model means something else by it
    "Professional.naam": Veldwoorden("Naam", autocomplete="name"),
    "Professional.functie": Veldwoorden("Functie", autocomplete="organization-title"),
    "Professional.organisatie": Veldwoorden("Organisatie", autocomplete="organization"),
    "Professional.telefoon": Veldwoorden("Telefoon", autocomplete="tel", inputmode="tel"),
    "FeitenAanvulling.vastgesteldDoor": Veldwoorden("Wie stelde dit vast?"),
    "TriagebesluitInvoer.besluit": Veldwoorden("Uw besluit"),
    "TriagebesluitInvoer.genomenDoor": Veldwoorden("Wie neemt het besluit?"),
    "TriagebesluitInvoer.afwegingen": Veldwoorden("De belangrijkste afwegingen", _VERZEGELD),
    "TriagebesluitInvoer.redenAfwijking": Veldwoorden(
        "Waarom wijkt u af van het triageadvies?", "Alleen als u iets anders besluit dan het advies."
    ),
    "TriagebesluitInvoer.oordelen": Veldwoorden(
        "Uw oordeel", "Waarover alleen mensen kunnen oordelen. Zeg alleen ja of nee als u het weet."
    ),
    "OntvangerInvoer.partij": Veldwoorden("Of een andere partij", "Vul óf een gemeente in, óf een partij."),
    "DienstInvoer.dienstsoort": Veldwoorden("Welke dienst?"),
    "DienstInvoer.verantwoordelijke": Veldwoorden("Wie is verantwoordelijk?"),
    "GesprekInvoer.uitkomst": Veldwoorden("Hoe staat het met het gesprek?"),
    "GesprekInvoer.op": Veldwoorden("Wanneer was of is het gesprek?"),
    "GesprekInvoer.reden": Veldwoorden("Waarom is een gesprek niet haalbaar?"),
    "GespreksverslagInvoer.uitkomst": Veldwoorden("Hoe liep het gesprek?"),
    "GespreksverslagInvoer.op": Veldwoorden("Wanneer was of is het gesprek?"),
    "GespreksverslagInvoer.reden": Veldwoorden("Waarom is een gesprek niet haalbaar?"),
    "HermeldingInvoer.casusId": Veldwoorden("De eerdere casus"),
    "HermeldingInvoer.oordeel": Veldwoorden("Gaat het over dezelfde mensen?"),
    "AfrondingInvoer.afgerondDoor": Veldwoorden("Wie rondt de dienst af?"),
    "AfrondingInvoer.overdrachtsgesprek": Veldwoorden("Overdrachtsgesprek"),
    "AfrondingInvoer.redenGeenOverdracht": Veldwoorden("Waarom is er geen overdracht?", _VERZEGELD),
    "MeldpuntmeldingInvoer.crisis": Veldwoorden("Is dit een crisis?"),
    "MeldpuntmeldingInvoer.vermoedenHgkm": Veldwoorden("Denkt u aan huiselijk geweld of kindermishandeling?"),
    "MeldpuntmeldingInvoer.uitkomst": Veldwoorden("Wat doet u ermee?"),
    "OvernameInvoer.door": Veldwoorden("Wie neemt over?", leeg="Mijn eigen organisatie"),
    "Aanvaardingsbewijs.op": Veldwoorden("Wanneer"),
    "Aanvaardingsbewijs.functie": Veldwoorden("Functie", "Alleen de functie, geen naam."),
    "OntvangstbevestigingInvoer.bevestigdOp": Veldwoorden("Ontvangen op", _NU),
    "VerdelingInvoer.opgepaktOp": Veldwoorden("Opgepakt op", _NU),
    "VerdelingInvoer.medewerker": Veldwoorden("Wie gaat ermee verder?"),
    "VbsVerdelingInvoer.verdeeldOp": Veldwoorden("Verdeeld op", _NU),
    "VbsVerdelingInvoer.medewerker": Veldwoorden("Wie loopt mee?"),
    "TerugkoppelingInvoer.criteria": Veldwoorden("Waarom geeft u de casus terug?"),
    "TerugkoppelingInvoer.gedragsdeskundigeGeraadpleegd": Veldwoorden("Is er met een gedragsdeskundige afgestemd?"),
    "TerugkoppelingInvoer.gedragsdeskundigeToelichting": Veldwoorden("Wat kwam er uit de afstemming?"),
    "TerugkoppelingInvoer.betrokkenHulpverlening": Veldwoorden("Welke hulpverlening is er al betrokken?"),
    "TerugkoppelingInvoer.hulpGerichtOpGeweld": Veldwoorden(
        "Is de hulp gericht op het stoppen van geweld of het verminderen van de risico's?"
    ),
    "TerugkoppelingInvoer.veiligheidCentraal": Veldwoorden(
        "Is met de hulpverlening afgesproken dat veiligheid centraal staat?"
    ),
    "TerugkoppelingInvoer.afzender": Veldwoorden("Wie geeft terug?"),
    "TerugkoppelingInvoer.werkdagenAfzender": Veldwoorden("Op welke dagen werkt u?"),
    "AfleveringInvoer.kanaal": Veldwoorden("Langs welke weg?", "Laat dit leeg voor de gewone weg."),
    "AfleveringInvoer.opnieuw": Veldwoorden("Ook opnieuw sturen als de overdracht al is afgeleverd"),
    "WeigeringInvoer.code": Veldwoorden("Waarom weigert u?"),
    "InformeringInvoer.brief": Veldwoorden("Welke brief?", "Alleen als u een brief stuurde."),
    "InformeringInvoer.onderwerpen": Veldwoorden("Wat is er verteld?"),
    "PlanInvoer.plannen": Veldwoorden("Welke plannen zijn er?"),
    "PlanInvoer.besprokenMetBetrokkenen": Veldwoorden("Het plan is met de betrokkenen besproken"),
    "PlanInvoer.opgesteldOp": Veldwoorden("Opgesteld op", _NU),
    "RetourbeoordelingInvoer.uitkomst": Veldwoorden("Is de mail aangekomen?"),
    "SamenwerkingInvoer.toestemming": Veldwoorden("Is er toestemming van de cliënt?"),
    "SamenwerkingInvoer.aanvrager": Veldwoorden("Wie vraagt dit?"),
    "EersteContactInvoer.contactOp": Veldwoorden("Contact op", _NU),
    "ContactInvoer.contactOp": Veldwoorden("Contact op", _NU),
    "AfhandelingInvoer.resultaat": Veldwoorden("Hoe is het afgelopen?"),
    "MeningsverschilInvoer.overdrachtId": Veldwoorden("Over welke overdracht?", "Alleen als het er over één gaat."),
    "UitkomstInvoer.gehoudenOp": Veldwoorden("Gehouden op", _NU),
    "UitkomstInvoer.kinderen": Veldwoorden("Zijn de kinderen gesproken?"),
    "UitkomstInvoer.stabielEnVeilig": Veldwoorden("Is het stabiel en veilig?"),
    "UitkomstInvoer.stoppen": Veldwoorden(
        "De monitoring stoppen", "Vul dit alleen in als de monitoring kan stoppen: wie is het ermee eens?"
    ),
    "UitkomstInvoer.volgendeOp": Veldwoorden("Wanneer is het volgende moment?", "Leeg: de gewone tijd."),
    "InstemmingInvoer.betrokkenen": Veldwoorden("De direct betrokkenen"),
    "InstemmingInvoer.lokaalTeam": Veldwoorden("Het lokale team"),
    "InstemmingInvoer.veiligThuis": Veldwoorden("Veilig Thuis"),
    "InplanningInvoer.ingeplandVoor": Veldwoorden("Ingepland voor"),
    "MonitormomentInvoer.geplandOp": Veldwoorden("Uiterlijk op"),
    "StagnatiestapInvoer.stap": Veldwoorden("Nummer van de stap", "Van 1 tot en met 9, op volgorde."),
    "DwangmaatregelInvoer.maatregel": Veldwoorden("Welke maatregel?"),
    "AanvaardingInvoer.partij": Veldwoorden("Wie neemt over?"),
    "StandInvoer.verwachtOp": Veldwoorden("Wanneer verwacht u te beginnen?"),
    "StandInvoer.partij": Veldwoorden("Wie zet de stap?", "Alleen als dat een andere partij is."),
    "AfsluitingInvoer.reden": Veldwoorden("Waarom kan de casus worden gesloten?"),
    "CorrectieInvoer.feit": Veldwoorden("Welk moment klopt niet?"),
    "CorrectieInvoer.onderwerpId": Veldwoorden("Welke van de momenten met die naam?", "Alleen als het er meer zijn."),
    "CorrectieInvoer.op": Veldwoorden("Wanneer was het werkelijk?"),
    "SignaalInvoer.over": Veldwoorden("Over wie gaat het?"),
    "SignaalInvoer.ookIn": Veldwoorden("Ook in deze casussen", "De nummers; één casus is genoeg.", enkel="Casus"),
    "SignaalantwoordInvoer.maatregel": Veldwoorden("Wat gaat u doen?"),
}


def field_words(model: str, veld: str, beschrijving: str = "") -> Veldwoorden:
    """The words of a field. Where the table has none: what the model says of it, or else its own name."""
    found = FIELDS.get(f"{model}.{veld}") or FIELDS.get(veld)
    if found is not None:
        return found
    said = beschrijving or _CAPITAL.sub(" ", veld).lower()
    return Veldwoorden(f"{said[:1].upper()}{said[1:]}")
