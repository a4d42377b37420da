"""Who is who, as dated data (`register.toml`): parties, gemeenten, their endpoints, teams and the people per role."""

from contracts.messages.notifier import Doelgroep
from contracts.register.aanmelding import Aanmelding
from contracts.register.endpoints import AnyEndpoint, MailEndpoint, RestEndpoint, Tls, Zaakantwoord, ZgwEndpoint
from contracts.register.geheimen import find_verwijzingen
from contracts.register.keuze import (
    Gezocht,
    Herkomst,
    Keuze,
    MissendeRol,
    Ontvanger,
    Stap,
    Stapuitkomst,
    choose,
    missing_roles,
)
from contracts.register.model import (
    Afwezigheid,
    Gemeente,
    Organisatie,
    Partij,
    Partijsoort,
    Persoon,
    Rolbezetting,
    Team,
    Teamsoort,
)
from contracts.register.nu import RegisterNu, one_register
from contracts.register.parse import parse_register
from contracts.register.register import (
    NietInRegister,
    OnbekendeGemeente,
    OnbekendePartij,
    PartijZonderEndpoint,
    RegioZonderPartij,
    Register,
    Tabellen,
)

__all__ = [
    "Aanmelding",
    "Afwezigheid",
    "AnyEndpoint",
    "Doelgroep",
    "Gemeente",
    "Gezocht",
    "Herkomst",
    "Keuze",
    "MailEndpoint",
    "MissendeRol",
    "NietInRegister",
    "OnbekendeGemeente",
    "OnbekendePartij",
    "Ontvanger",
    "Organisatie",
    "Partij",
    "PartijZonderEndpoint",
    "Partijsoort",
    "Persoon",
    "RegioZonderPartij",
    "Register",
    "RegisterNu",
    "RestEndpoint",
    "Rolbezetting",
    "Stap",
    "Stapuitkomst",
    "Tabellen",
    "Team",
    "Teamsoort",
    "Tls",
    "Zaakantwoord",
    "ZgwEndpoint",
    "choose",
    "find_verwijzingen",
    "missing_roles",
    "one_register",
    "parse_register",
]
