"""What people do at the hub, in the words of their buttons: one row for each operation that takes something from a person.

Pages draw their buttons from this table, and every path in it has a form beside it (`<pad>/formulier`). What an
operation asks stands in its input model; who may do it in `tabel`, and the rules decide when.
"""

from collections.abc import Iterator, Mapping

from contracts.rechten.handeling import Handeling
from contracts.rechten.tabel import Daad


def find_handeling(naam: str) -> Handeling:
    """The act with this name. Raises `KeyError` where there is none."""
    return _BY_NAME[naam]


def handelingen_of(onderwerp: str | None) -> Iterator[Handeling]:
    """The acts on a thing of this kind, in the order in which people meet them."""
    return (one for one in HANDELINGEN if one.onderwerp == onderwerp)


_TRIAGE = "/triage/v1"
_OVERDRACHT = "/overdracht/v1"
_MONITORING = "/monitoring/v1"
_CASUS = f"{_MONITORING}/casussen/{{casusId}}"
_STANDEN = f"{_CASUS}/standen"

HANDELINGEN: tuple[Handeling, ...] = (
    Handeling(
        "melding-registreren",
        Daad.MELDING_REGISTREREN,
        f"{_TRIAGE}/meldingen",
        "Melding registreren",
        "U legt een melding van huiselijk geweld of kindermishandeling vast. De termijnen gaan dan lopen.",
    ),
    Handeling(
        "meldpuntmelding-registreren",
        Daad.MELDPUNTMELDING_REGISTREREN,
        f"{_TRIAGE}/meldpuntmeldingen",
        "Meldpuntmelding vastleggen",
        "U legt vast wat er bij het meldpunt binnenkomt en wat u ermee doet. Begin met het belangrijkste; de rest kan "
        "later.",
    ),
    Handeling(
        "adviesvraag-vastleggen",
        Daad.ADVIESVRAAG_VASTLEGGEN,
        f"{_TRIAGE}/adviesvragen",
        "Adviesvraag vastleggen",
        "U legt vast dat iemand advies vroeg. Schrijf niets op over personen.",
    ),
    Handeling(
        "feiten-toevoegen",
        Daad.MELDING_AANVULLEN,
        f"{_TRIAGE}/meldingen/{{id}}/feiten",
        "Feiten toevoegen",
        "U legt vast wat later over de melding bekend werd. Het triageadvies wordt opnieuw bepaald.",
    ),
    Handeling(
        "hermelding-beoordelen",
        Daad.MELDING_BEHANDELEN,
        f"{_TRIAGE}/meldingen/{{id}}/hermeldingen",
        "Hermelding beoordelen",
        "U zegt of deze melding over dezelfde mensen gaat als een eerdere casus.",
    ),
    Handeling(
        "triagebesluit-nemen",
        Daad.MELDING_BEHANDELEN,
        f"{_TRIAGE}/meldingen/{{id}}/triagebesluiten",
        "Triagebesluit nemen",
        "U besluit hoe het verder gaat met deze melding. Het triageadvies helpt u; u beslist zelf.",
    ),
    Handeling(
        "directe-overdracht",
        Daad.MELDING_BEHANDELEN,
        f"{_TRIAGE}/meldingen/{{id}}/triagebesluiten",
        "Overdragen",
        "U draagt de casus direct over. Het overdrachtsdocument gaat mee; wat de melding al zegt, staat er al in.",
        vast={"besluit": "directe-overdracht"},
    ),
    Handeling(
        "melder-informeren",
        Daad.MELDING_BEHANDELEN,
        f"{_TRIAGE}/meldingen/{{id}}/informeringen",
        "Melder is geïnformeerd",
        "U legt vast dat de melder weet wat er met de melding gebeurt.",
    ),
    Handeling(
        "dienst-starten",
        Daad.MELDING_BEHANDELEN,
        f"{_TRIAGE}/casussen/{{id}}/diensten",
        "Dienst starten",
        "U start de dienst waartoe is besloten, en zegt wie ervoor verantwoordelijk is.",
    ),
    Handeling(
        "dienst-afronden",
        Daad.MELDING_BEHANDELEN,
        f"{_TRIAGE}/diensten/{{id}}/afrondingen",
        "Dienst afronden",
        "U rondt de dienst af en draagt de casus over. Wat de melding al zegt, staat er al in.",
    ),
    Handeling(
        "overdrachtsgesprek-vastleggen",
        Daad.MELDING_BEHANDELEN,
        f"{_TRIAGE}/diensten/{{id}}/overdrachtsgesprekken",
        "Gesprek vastleggen",
        "U legt vast hoe het overdrachtsgesprek liep, of dat het een andere dag wordt.",
    ),
    Handeling(
        "meldpuntmelding-overnemen",
        Daad.MELDPUNTMELDING_OVERNEMEN,
        f"{_TRIAGE}/meldpuntmeldingen/{{id}}/overnames",
        "Overnemen van het meldpunt",
        "U neemt de melding over van het meldpunt. Bent u het meldpunt, dan vraagt u een ander om over te nemen.",
    ),
    Handeling(
        "ontvangst-bevestigen",
        Daad.OVERDRACHT_BEANTWOORDEN,
        f"{_OVERDRACHT}/overdrachten/{{id}}/ontvangstbevestigingen",
        "Ontvangst bevestigen",
        "U bevestigt dat de overdracht is ontvangen en gezien.",
    ),
    Handeling(
        "casus-oppakken",
        Daad.OVERDRACHT_BEANTWOORDEN,
        f"{_OVERDRACHT}/overdrachten/{{id}}/verdelingen",
        "Oppakken en verdelen",
        "U meldt dat de casus is opgepakt, en wie ermee verdergaat.",
    ),
    Handeling(
        "overdracht-weigeren",
        Daad.OVERDRACHT_BEANTWOORDEN,
        f"{_OVERDRACHT}/overdrachten/{{id}}/weigeringen",
        "Weigeren",
        "U zegt waarom deze overdracht niet voor u is, of niet op deze manier. Veilig Thuis kijkt er dan opnieuw naar.",
    ),
    Handeling(
        "casus-teruggeven",
        Daad.OVERDRACHT_BEANTWOORDEN,
        f"{_OVERDRACHT}/overdrachten/{{id}}/terugkoppelingen",
        "Teruggeven aan Veilig Thuis",
        "U geeft de casus terug aan Veilig Thuis, met het terugkoppelformulier.",
    ),
    Handeling(
        "betrokkenen-informeren",
        Daad.BETROKKENEN_INFORMEREN,
        f"{_OVERDRACHT}/overdrachten/{{id}}/informeringen",
        "Betrokkenen zijn geïnformeerd",
        "U legt vast dat de betrokkenen zijn geïnformeerd, en hoe.",
    ),
    Handeling(
        "plan-vastleggen",
        Daad.PLAN_VASTLEGGEN,
        f"{_OVERDRACHT}/overdrachten/{{id}}/plannen",
        "Plan vastleggen",
        "U legt vast dat er een veiligheidsplan, hulpverleningsplan of herstelplan is.",
    ),
    Handeling(
        "overdracht-opnieuw-aanbieden",
        Daad.OVERDRACHT_AANBIEDEN,
        f"{_OVERDRACHT}/overdrachten/{{id}}/afleveringen",
        "Opnieuw aanbieden",
        "U biedt de overdracht nu opnieuw aan, zo nodig langs een andere weg.",
    ),
    Handeling(
        "overdracht-intrekken",
        Daad.OVERDRACHT_INTREKKEN,
        f"{_OVERDRACHT}/overdrachten/{{id}}/intrekkingen",
        "Intrekken",
        "U neemt de overdracht terug. De ontvanger krijgt daar bericht van.",
    ),
    Handeling(
        "retourmail-beoordelen",
        Daad.RETOURBRIEF_BEHANDELEN,
        f"{_OVERDRACHT}/overdrachten/{{id}}/retourbeoordelingen",
        "Teruggekomen mail beoordelen",
        "U las wat er op de mail terugkwam, en zegt of de mail is aangekomen.",
    ),
    Handeling(
        "samenwerking-vragen",
        Daad.SAMENWERKING_VRAGEN,
        f"{_OVERDRACHT}/casussen/{{id}}/samenwerkingen",
        "Verbindend samenwerken vragen",
        "U vraagt een lokaal team om mee te lopen in de dienst.",
    ),
    Handeling(
        "geen-capaciteit-melden",
        Daad.SAMENWERKING_BEANTWOORDEN,
        f"{_OVERDRACHT}/samenwerkingen/{{id}}/capaciteitssignalen",
        "Geen capaciteit melden",
        "U meldt dat uw team nu niemand heeft om mee te lopen.",
    ),
    Handeling(
        "samenwerking-verdelen",
        Daad.SAMENWERKING_BEANTWOORDEN,
        f"{_OVERDRACHT}/samenwerkingen/{{id}}/verdelingen",
        "Samenwerking verdelen",
        "U meldt wie van uw team meeloopt in de dienst.",
    ),
    Handeling(
        "eerste-contact-vastleggen",
        Daad.SAMENWERKCONTACT_MELDEN,
        f"{_OVERDRACHT}/samenwerkingen/{{id}}/eerste-contacten",
        "Eerste contact vastleggen",
        "U legt vast dat het team en Veilig Thuis elkaar voor het eerst spraken.",
    ),
    Handeling(
        "contact-vastleggen",
        Daad.SAMENWERKCONTACT_MELDEN,
        f"{_OVERDRACHT}/samenwerkingen/{{id}}/contacten",
        "Contact met betrokkenen vastleggen",
        "U legt een gesprek of huisbezoek met de betrokkenen vast.",
    ),
    Handeling(
        "zicht-bevestigen",
        Daad.ZICHT_BEVESTIGEN,
        _STANDEN,
        "Zicht bevestigen",
        "U bevestigt dat uw organisatie zicht houdt op de veiligheid.",
        vast={"stand": "zicht-bevestigd"},
    ),
    Handeling(
        "wachtlijst-melden",
        Daad.WACHTLIJST_MELDEN,
        _STANDEN,
        "Wachtlijst melden",
        "U meldt dat de casus op een wachtlijst staat, en wanneer u verwacht te beginnen.",
        vast={"stand": "wachtlijst"},
    ),
    Handeling(
        "niet-op-te-pakken-melden",
        Daad.WACHTLIJST_MELDEN,
        _STANDEN,
        "Melden dat oppakken niet lukt",
        "U meldt dat uw organisatie de casus niet kan oppakken. Er wordt dan samen naar een andere weg gezocht.",
        vast={"stand": "niet-op-te-pakken"},
    ),
    Handeling(
        "crisiscontact-vastleggen",
        Daad.CRISISSTAP_MELDEN,
        _STANDEN,
        "Contact in de crisis vastleggen",
        "U legt vast dat er in deze crisis contact is gelegd.",
        vast={"stand": "crisiscontact"},
    ),
    Handeling(
        "crisisstap-vastleggen",
        Daad.CRISISSTAP_MELDEN,
        _STANDEN,
        "Stap in de crisis vastleggen",
        "U legt vast welke stap in deze crisis is gezet.",
        vast={"stand": "crisisstap"},
    ),
    Handeling(
        "monitormoment-vastleggen",
        Daad.CASUS_BEHANDELEN,
        f"{_MONITORING}/monitormomenten/{{monitormomentId}}/uitkomsten",
        "Monitormoment vastleggen",
        "U legt vast wat er uit het monitormoment kwam, en wanneer het volgende is.",
    ),
    Handeling(
        "monitormoment-inplannen",
        Daad.CASUS_BEHANDELEN,
        f"{_MONITORING}/monitormomenten/{{monitormomentId}}/inplanningen",
        "Monitormoment inplannen",
        "U legt vast voor welke dag het monitormoment is afgesproken.",
    ),
    Handeling(
        "monitormoment-toevoegen",
        Daad.CASUS_BEHANDELEN,
        f"{_CASUS}/monitormomenten",
        "Extra monitormoment plannen",
        "U plant een extra moment om te kijken hoe het gaat.",
    ),
    Handeling(
        "stagnatiestap-vastleggen",
        Daad.CASUS_BEHANDELEN,
        f"{_CASUS}/stagnatiestappen",
        "Stap bij stagnatie vastleggen",
        "De hulp stagneert. U legt vast welke van de afgesproken stappen is gezet.",
    ),
    Handeling(
        "dwangmaatregel-vastleggen",
        Daad.CASUS_BEHANDELEN,
        f"{_CASUS}/dwangmaatregelen",
        "Dwangmaatregel vastleggen",
        "U legt een dwangmaatregel vast die is ingezet of gevraagd.",
    ),
    Handeling(
        "zorg-aanvaarden",
        Daad.ZORG_AANVAARDEN,
        f"{_CASUS}/aanvaardingen",
        "Andere partij neemt de zorg over",
        "U vraagt een andere partij de zorg om de veiligheid over te nemen, of legt vast dat zij dat doet. Wordt het uw "
        "organisatie gevraagd, dan neemt u hier over.",
    ),
    Handeling(
        "meningsverschil-melden",
        Daad.MENINGSVERSCHIL_MELDEN,
        f"{_CASUS}/meningsverschillen",
        "Verschil van inzicht melden",
        "U bent het niet eens met elkaar. De afgesproken mensen worden geroepen om te helpen.",
    ),
    Handeling(
        "escalatie-oppakken",
        Daad.ESCALATIE_BEHANDELEN,
        f"{_MONITORING}/escalaties/{{escalatieId}}/oppakkingen",
        "Escalatie oppakken",
        "U laat weten dat u met deze escalatie bezig bent.",
    ),
    Handeling(
        "escalatie-opschalen",
        Daad.ESCALATIE_BEHANDELEN,
        f"{_MONITORING}/escalaties/{{escalatieId}}/opschalingen",
        "Escalatie opschalen",
        "U komt er samen niet uit. De volgende trede wordt geroepen.",
    ),
    Handeling(
        "escalatie-afhandelen",
        Daad.ESCALATIE_BEHANDELEN,
        f"{_MONITORING}/escalaties/{{escalatieId}}/afhandelingen",
        "Escalatie afhandelen",
        "U legt vast hoe de escalatie is afgelopen.",
    ),
    Handeling(
        "signaal-opstellen",
        Daad.SIGNAAL_OPSTELLEN,
        f"{_CASUS}/signalen",
        "Signaal opstellen",
        "U stelt een structureel signaal op voor de gemeente, over afspraken die niet werden uitgevoerd.",
    ),
    Handeling(
        "signaal-versturen",
        Daad.SIGNAAL_VERSTUREN,
        f"{_MONITORING}/signalen/{{signaalId}}/verzendingen",
        "Signaal versturen",
        "U stuurt het structurele signaal naar de gemeente.",
    ),
    Handeling(
        "signaal-beantwoorden",
        Daad.SIGNAAL_BEANTWOORDEN,
        f"{_MONITORING}/signalen/{{signaalId}}/antwoorden",
        "Signaal beantwoorden",
        "U laat weten wat uw gemeente met het signaal gaat doen.",
    ),
    Handeling(
        "feit-corrigeren",
        Daad.CASUS_BEHANDELEN,
        f"{_CASUS}/correcties",
        "Moment herstellen",
        "Een moment was verkeerd vastgelegd. U herstelt het; wat er eerst stond, blijft te zien.",
    ),
    Handeling(
        "casus-sluiten",
        Daad.CASUS_SLUITEN,
        f"{_CASUS}/afsluitingen",
        "Casus sluiten",
        "U sluit de casus, en zegt waarom dat kan.",
    ),
)

_BY_NAME: Mapping[str, Handeling] = {one.naam: one for one in HANDELINGEN}

NIET_DOOR_MENSEN: Mapping[str, str] = {
    f"{_OVERDRACHT}/notificaties": "een zaaksysteem meldt dat er iets met een zaak gebeurde",
    f"{_OVERDRACHT}/onbestelbare-mails": "de mailserver van het huis geeft teruggekomen mail door",
    "/notificaties/v1/onbestelbare-mails": "de mailserver van het huis geeft teruggekomen mail door",
    f"{_OVERDRACHT}/casussen/{{id}}/bijlagen": "een bestand, geen formulier: het komt uit het systeem dat het bewaart",
}
"""The operations that take something and are no act of a person at the hub, each with its reason."""
