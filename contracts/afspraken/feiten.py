"""The closed glossary of facts that a triageadvies can rest on, and of circumstances that a rule can depend on."""

from __future__ import annotations

from enum import StrEnum


class Feit(StrEnum):
    """Something that a professional has recorded about a melding: true, false or not known."""

    MELDER_WIL_ANONIEM = "melder_wil_anoniem"
    BETROKKENEN_NIET_OPEN_VOOR_HULP = "betrokkenen_niet_open_voor_hulp"
    VEILIGHEID_ACUUT_BEDREIGD = "veiligheid_acuut_bedreigd"
    LOKAAL_TEAM_BETROKKEN = "lokaal_team_betrokken"
    ONDUIDELIJK_OF_HGKM = "onduidelijk_of_hgkm"
    GEZIN_WIL_GEEN_HULP = "gezin_wil_geen_hulp"
    ERNSTIG_LETSEL = "ernstig_letsel"
    GEWELD_TEGEN_ONGEBOREN_KIND = "geweld_tegen_ongeboren_kind"
    ACUTE_PSYCHIATRIE = "acute_psychiatrie"
    PCF = "pcf"
    VGV = "vgv"
    MENSENHANDEL = "mensenhandel"
    LOVERBOY = "loverboy"
    EERGERELATEERD = "eergerelateerd"
    SEKSUEEL_MISBRUIK = "seksueel_misbruik"
    STRUCTUREEL_GEWELD = "structureel_geweld"
    STALKING = "stalking"
    SASH_SCORE_LAAG = "sash_score_laag"
    KENNIS_LOKAAL_TEAM_ONVOLDOENDE = "kennis_lokaal_team_onvoldoende"
    TWIJFEL_OVER_OVERDRACHT = "twijfel_over_overdracht"

    @property
    def label(self) -> str:
        """The fact as a Dutch statement that is true or false."""
        return _LABELS[self]


class SoortOverdracht(StrEnum):
    """Directly after the veiligheidsbeoordeling, or after a dienst."""

    DIRECT = "direct"
    NA_DIENST = "na-dienst"


class Ontvangersoort(StrEnum):
    """Whether an overdracht is for the lokaal team of a gemeente or for another party; a `Drager` by the same name."""

    LOKAAL_TEAM = "lokaal-team"
    KETENPARTNER = "ketenpartner"


class VbsUrgentie(StrEnum):
    """How fast a request for verbindend samenwerken is assigned."""

    CRISIS = "crisis"
    REGULIER = "regulier"


class MeldpuntUrgentie(StrEnum):
    """Whether the Meldpunt Crisiszorg took in a crisis."""

    ACUUT = "acuut"
    NIET_ACUUT = "niet-acuut"


_LABELS = {
    Feit.MELDER_WIL_ANONIEM: "de melder wil anoniem blijven",
    Feit.BETROKKENEN_NIET_OPEN_VOOR_HULP: "direct betrokkenen staan niet open voor hulp",
    Feit.VEILIGHEID_ACUUT_BEDREIGD: "de veiligheid van gezinsleden wordt acuut bedreigd",
    Feit.LOKAAL_TEAM_BETROKKEN: "het lokale team al betrokken is",
    Feit.ONDUIDELIJK_OF_HGKM: "het is onduidelijk of er sprake is van huiselijk geweld of kindermishandeling",
    Feit.GEZIN_WIL_GEEN_HULP: "er zijn aanwijzingen dat het gezin geen hulp of bemoeienis van buitenaf wil",
    Feit.ERNSTIG_LETSEL: "er is sprake van ernstig letsel",
    Feit.GEWELD_TEGEN_ONGEBOREN_KIND: "het geweld richt zich mede op een ongeboren kind",
    Feit.ACUTE_PSYCHIATRIE: "er is sprake van acute psychiatrie",
    Feit.PCF: "er is sprake van pediatric condition falsification (PCF)",
    Feit.VGV: "er is sprake van vrouwelijke genitale verminking",
    Feit.MENSENHANDEL: "er is sprake van mensenhandel",
    Feit.LOVERBOY: "er is sprake van loverboyproblematiek",
    Feit.EERGERELATEERD: "er is sprake van eergerelateerd geweld",
    Feit.SEKSUEEL_MISBRUIK: "er is sprake van seksueel misbruik in een relationele sfeer",
    Feit.STRUCTUREEL_GEWELD: "er is structureel geweld waarvan de patronen niet doorbroken kunnen worden",
    Feit.STALKING: "er is sprake van stalking",
    Feit.SASH_SCORE_LAAG: "de SASH-score laag is",
    Feit.KENNIS_LOKAAL_TEAM_ONVOLDOENDE: (
        "Veilig Thuis en het lokale team concluderen samen dat er nog onvoldoende kennis of ervaring is"
    ),
    Feit.TWIJFEL_OVER_OVERDRACHT: "Veilig Thuis twijfelt of een overdracht naar het lokale team passend is",
}
