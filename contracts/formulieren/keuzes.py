"""What people read for a value they can choose, where its own spelling does not say enough."""

from collections.abc import Mapping

from contracts.afspraken import Anker, Drager

_CHOICES: Mapping[str, Mapping[str, str]] = {
    "Doelgroep": {"alle": "Iedereen"},
    "Bron": {"ambtshalve": "Ambtshalve (Veilig Thuis zelf)", "meldpunt": "Meldpunt Crisiszorg"},
    "Urgentie": {"crisis": "Crisis: er moet vandaag iets gebeuren"},
    "Besluit": {
        "directe-overdracht": "Directe overdracht",
        "dienst-voorwaarden-vervolg": "Dienst: voorwaarden en vervolg",
        "dienst-onderzoek": "Dienst: onderzoek",
        "overleg": "Eerst overleg",
        "geen-vervolg": "Geen vervolg",
        "acute-crisis": "Acute crisis",
    },
    "Hermeldingoordeel": {
        "gekoppeld": "Ja, dit gaat over dezelfde mensen",
        "geen-hermelding": "Nee, dit gaat over anderen",
    },
    "Dienstsoort": {"voorwaarden-vervolg": "Voorwaarden en vervolg"},
    "Informeerwijze": {"telefoon": "Per telefoon", "e-mail": "Per e-mail", "brief": "Met een brief"},
    "MeldpuntUitkomst": {
        "advies": "Advies gegeven",
        "lokale-veld": "Naar het lokale veld",
        "zorgaanbieder": "Naar een zorgaanbieder",
        "ggz-crisisdienst": "Naar de GGZ-crisisdienst",
        "oggz": "Naar de OGGZ",
        "wvggz-horen": "Horen volgens de Wvggz",
        "veilig-thuis": "Naar Veilig Thuis",
    },
    "Terugkoppelcriterium": {
        "geen-contact": "Het lukt niet om contact te krijgen met direct betrokkenen",
        "niet-open-voor-hulp": "Direct betrokkenen staan niet open voor hulpverlening",
        "zorgen-groter": "De zorgen blijken groter dan verwacht",
        "zorgen-kleiner": "De zorgen zijn minder ernstig dan verwacht",
        "hulp-betrokken": "Er is al hulpverlening betrokken, namelijk …",
    },
    "Kanaal": {"rest": "Rechtstreekse koppeling", "zgw": "Zaaksysteem", "e-mail": "Beveiligde e-mail"},
    "Weigeringscode": {
        "geen-inwoner": "Deze mensen wonen niet in onze gemeente",
        "geen-endpoint": "Wij kunnen dit langs deze weg niet ontvangen",
        "onvolledig": "Er ontbreekt iets waar wij niet zonder kunnen",
        "dubbel": "Wij hebben deze casus al",
        "geen-capaciteit": "Wij hebben nu geen ruimte",
        "niet-passend": "Dit is niet voor ons, of dit hebben wij niet aanvaard",
    },
    "Betrokkenenbrief": {
        "betrokkenen-met-document": "De brief met het overdrachtsdocument",
        "betrokkenen-zonder-contact": "De brief omdat er geen contact was",
    },
    "Informatieonderwerp": {
        "identiteit-melder": "Wie de melder is",
        "inhoud-melding": "Wat er in de melding staat",
        "aanleiding-afspraak": "Waarom wij contact zoeken",
    },
    "Retouruitkomst": {"bezorgd": "De mail is aangekomen", "onbestelbaar": "De mail is niet aangekomen"},
    "Contactwijze": {"contact": "Ander contact"},
    "Gesprekswijze": {"fysiek": "In levenden lijve"},
    "Kindgesprek": {
        "gesproken": "De kinderen zijn gesproken",
        "niet-gesproken": "De kinderen zijn niet gesproken",
        "geen-kinderen": "Er zijn geen kinderen",
    },
    "Sluitreden": {
        "stabiele-veiligheid": "Er is stabiele veiligheid",
        "geen-hgkm": "Er is geen huiselijk geweld of kindermishandeling",
        "andere-partij-draagt": "Een andere partij draagt de zorg om de veiligheid",
        "situatie-genormaliseerd": "De situatie is weer normaal",
    },
    "Anker": {anker.value: f"{anker.label[:1].upper()}{anker.label[1:]}" for anker in Anker},
    "Drager": {drager.value: f"{drager.label[:1].upper()}{drager.label[1:]}" for drager in Drager},
}


def choice_label(soort: str, waarde: str) -> str:
    """What stands for this value of this closed list."""
    plain = f"{waarde[:1].upper()}{waarde[1:]}".replace("-", " ")
    return _CHOICES.get(soort, {}).get(waarde, plain)
