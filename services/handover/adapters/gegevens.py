"""What a letter to a receiver is written from, read back out of the request that brings it."""

from datetime import datetime

from contracts.afspraken import RuleBook, local_date
from contracts.messages.documenten import Overdrachtsdocument
from contracts.messages.identifiers import CasusId, short_reference
from contracts.register import Gemeente, Partij, Register
from services.handover.domain.brieven import Briefgegevens
from services.handover.domain.kader import code_of_partij, gemeente_of
from services.runtime.unit.decision import JsonObject


def read_intrekker(content: JsonObject, register: Register, *, regio: str) -> str:
    """Who took it back, by name: Veilig Thuis where an older request does not say. Raises `NietInRegister`."""
    code = content.get("ingetrokkenDoor")
    return register.veilig_thuis(regio).naam if code is None else register.naam(str(code))


def read_gegevens(
    content: JsonObject,
    casus_id: CasusId,
    receiver: Gemeente | Partij,
    document: Overdrachtsdocument,
    *,
    overgedragen_op: datetime,
    register: Register,
    rule_book: RuleBook,
) -> Briefgegevens:
    """Raises `NietInRegister` or `GeenAfspraken`. Older requests do not say who made an offer."""
    regio, reported_at = str(content["regio"]), datetime.fromisoformat(str(content["meldingOntvangenOp"]))
    aanbieder = content.get("aangebodenDoor")
    return Briefgegevens(
        referentie=short_reference(casus_id),
        soort=str(content["overdrachtsoort"]),
        team=receiver.naam_of_team(str(content["team"]) if content["team"] is not None else None),
        partij=code_of_partij(content),
        aangeboden_door=None if aanbieder is None else register.naam(str(aanbieder)),
        gemeente=register.naam(gemeente_of(content, receiver)),
        veilig_thuis=register.veilig_thuis(regio).naam,
        melding_ontvangen_op=reported_at,
        overgedragen_op=overgedragen_op,
        document=document,
        afspraken=rule_book.for_case(regio=regio, gemeente=str(content["gemeente"]), on=local_date(reported_at)),
    )
