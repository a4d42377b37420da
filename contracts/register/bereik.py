"""Whom a crisis calls day and night over one channel only: when that is down, nobody hears it (D12)."""

from collections.abc import Iterator
from datetime import date

from contracts.afspraken import Drager, GeenAfspraken, RuleBook
from contracts.afspraken.model import Bericht, Herinnering
from contracts.messages.notifier import NotificatieUrgentie
from contracts.register.model import Gemeente
from contracts.register.register import NietInRegister, Register


def receiver_of(register: Register, gemeente: Gemeente, drager: Drager | None) -> str:
    """The party that is meant in a case of this gemeente. Raises `NietInRegister`."""
    match drager:
        case Drager.VEILIG_THUIS:
            return register.veilig_thuis(gemeente.regio).code
        case Drager.MELDPUNT:
            return register.meldpunt(gemeente.regio).code
        case _:
            return gemeente.code


def with_one_channel(register: Register, rule_book: RuleBook, *, on: date) -> tuple[str, ...]:
    """Everybody in a role that the agreements call in a crisis who has a single channel: a sentence each, in Dutch."""
    found: dict[str, None] = {}
    for partij, rol in dict.fromkeys(_called_in_crisis(register, rule_book, on)):
        organisatie = register.organisatie(partij, on=on)
        names = {naam for bezetting in organisatie.rollen if bezetting.rol.value == rol for naam in bezetting.personen}
        for persoon in organisatie.personen:
            if persoon.naam in names and not persoon.has_left(on) and len(persoon.adressen) == 1:
                (kanaal,) = persoon.adressen
                found[
                    f"{persoon.naam} ({organisatie.naam}, {rol}) hoort van een crisis alleen langs {kanaal.value};"
                    " geef een tweede kanaal"
                ] = None
    return tuple(found)


def _called_in_crisis(register: Register, rule_book: RuleBook, on: date) -> Iterator[tuple[str, str]]:
    """Each party and role that is told something as a crisis by what was agreed, or by the vangnet."""
    for gemeente in register.gemeenten(on):
        try:
            afspraken = rule_book.for_case(regio=gemeente.regio, gemeente=gemeente.code, on=on)
        except GeenAfspraken:
            continue
        for regel in (*afspraken.of_kind(Bericht), *afspraken.of_kind(Herinnering)):
            if regel.urgentie == NotificatieUrgentie.CRISIS:
                try:
                    yield receiver_of(register, gemeente, regel.aan or regel.drager), regel.rol.value
                except NietInRegister:
                    continue
