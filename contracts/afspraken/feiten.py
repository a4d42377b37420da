"""The closed glossary of facts that a triageadvies can rest on, and of circumstances that a rule can depend on."""

from __future__ import annotations

from enum import StrEnum

from contracts.afspraken.ankers import Benoemd


class Triagefeit(Benoemd):
    """Something that a professional has recorded about a melding: true, false or not known."""

    MELDER_WIL_ANONIEM = "melder_wil_anoniem", "de melder wil anoniem blijven"
    BETROKKENEN_NIET_OPEN_VOOR_HULP = "betrokkenen_niet_open_voor_hulp", "direct betrokkenen staan niet open voor hulp"
    VEILIGHEID_ACUUT_BEDREIGD = "veiligheid_acuut_bedreigd", "de veiligheid van gezinsleden wordt acuut bedreigd"
    LOKAAL_TEAM_BETROKKEN = "lokaal_team_betrokken", "het lokale team is al betrokken"
    ONDUIDELIJK_OF_HGKM = (
        "onduidelijk_of_hgkm",
        "het is onduidelijk of er sprake is van huiselijk geweld of kindermishandeling",
    )
    GEZIN_WIL_GEEN_HULP = (
        "gezin_wil_geen_hulp",
        "er zijn aanwijzingen dat het gezin geen hulp of bemoeienis van buitenaf wil",
    )
    ERNSTIG_LETSEL = "ernstig_letsel", "er is sprake van ernstig letsel"
    GEWELD_TEGEN_ONGEBOREN_KIND = "geweld_tegen_ongeboren_kind", "het geweld richt zich mede op een ongeboren kind"
    ACUTE_PSYCHIATRIE = "acute_psychiatrie", "er is sprake van acute psychiatrie"
    PCF = "pcf", "er is sprake van pediatric condition falsification (PCF)"
    VGV = "vgv", "er is sprake van vrouwelijke genitale verminking"
    MENSENHANDEL = "mensenhandel", "er is sprake van mensenhandel"
    LOVERBOY = "loverboy", "er is sprake van loverboyproblematiek"
    EERGERELATEERD = "eergerelateerd", "er is sprake van eergerelateerd geweld"
    SEKSUEEL_MISBRUIK = "seksueel_misbruik", "er is sprake van seksueel misbruik in een relationele sfeer"
    STRUCTUREEL_GEWELD = (
        "structureel_geweld",
        "er is structureel geweld waarvan de patronen niet doorbroken kunnen worden",
    )
    STALKING = "stalking", "er is sprake van stalking"
    SASH_SCORE_LAAG = "sash_score_laag", "de SASH-score is laag"
    KENNIS_LOKAAL_TEAM_ONVOLDOENDE = (
        "kennis_lokaal_team_onvoldoende",
        "Veilig Thuis en het lokale team concluderen samen dat er nog onvoldoende kennis of ervaring is",
    )
    TWIJFEL_OVER_OVERDRACHT = (
        "twijfel_over_overdracht",
        "Veilig Thuis twijfelt of een overdracht naar het lokale team passend is",
    )


class Besluit(StrEnum):
    """What a professional can decide at the end of the veiligheidsbeoordeling (MB 4)."""

    DIRECTE_OVERDRACHT = "directe-overdracht"
    DIENST_VOORWAARDEN_VERVOLG = "dienst-voorwaarden-vervolg"
    DIENST_ONDERZOEK = "dienst-onderzoek"
    OVERLEG = "overleg"
    GEEN_VERVOLG = "geen-vervolg"
    ACUTE_CRISIS = "acute-crisis"


class Informant(StrEnum):
    """Who tells the people involved of a melding and its overdracht (AEF A)."""

    VEILIG_THUIS = "veilig-thuis"
    LOKAAL_TEAM = "lokaal-team"


class Meldersoort(StrEnum):
    """Whether a melding has a melder to tell what was done: none where Veilig Thuis reported itself (MB 5)."""

    EXTERN = "extern"
    AMBTSHALVE = "ambtshalve"


class SoortOverdracht(StrEnum):
    """Directly after the veiligheidsbeoordeling, or after a dienst."""

    DIRECT = "direct"
    NA_DIENST = "na-dienst"


class Ontvangersoort(StrEnum):
    """Whether an overdracht is for the lokaal team of a gemeente or for another party; a `Drager` by the same name."""

    LOKAAL_TEAM = "lokaal-team"
    KETENPARTNER = "ketenpartner"


class Overdrachtswijze(StrEnum):
    """Whether Veilig Thuis handed a case over, or somebody said that another party takes it: an offer until it does."""

    OVERGEDRAGEN = "overgedragen"
    AANGEBODEN = "aangeboden"


class Aanbieder(StrEnum):
    """Who said so, as far as somebody else than Veilig Thuis is told of the answer; a `Drager` by the same name."""

    VEILIG_THUIS = "veilig-thuis"
    LOKAAL_TEAM = "lokaal-team"
    MELDPUNT = "meldpunt"
    KETENPARTNER = "ketenpartner"


class Aanvaarding(StrEnum):
    """Who says that a party took a case over, or that it did not; what others say of it is no act of its own."""

    ZELF = "zelf"
    VOLGENS_EEN_ANDER = "volgens-een-ander"
    BETWIST = "betwist"


class VbsUrgentie(StrEnum):
    """How soon a request for verbindend samenwerken is assigned (MB 4.2)."""

    CRISIS = "crisis"
    REGULIER = "regulier"


class MeldpuntUrgentie(StrEnum):
    """Whether the Meldpunt Crisiszorg took in a crisis."""

    ACUUT = "acuut"
    NIET_ACUUT = "niet-acuut"


class Signaalmelder(StrEnum):
    """Which party informs the gemeente by a structureel signaal; a `Drager` by the same name."""

    VEILIG_THUIS = "veilig-thuis"
    LOKAAL_TEAM = "lokaal-team"


class MeldpuntVermoeden(StrEnum):
    """Whether the Meldpunt Crisiszorg suspects huiselijk geweld or kindermishandeling."""

    HGKM = "hgkm"
    GEEN = "geen"


class Casusurgentie(StrEnum):
    """How urgent the melding is, as Veilig Thuis took it in."""

    REGULIER = "regulier"
    SPOED = "spoed"
    CRISIS = "crisis"
