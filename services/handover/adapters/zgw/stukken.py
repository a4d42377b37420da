"""What goes into the zaak: the letter that people read, the overdrachtsdocument as data, and its bijlagen."""

import base64
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

import orjson

from contracts.afspraken import RuleBook, local_date
from contracts.messages.documenten import Bijlage, Overdrachtsdocument
from contracts.messages.identifiers import CasusId, short_reference
from contracts.messages.verzegeld import Verzegeld
from contracts.register import Gemeente, Partij, Register
from services.handover.adapters.gegevens import read_gegevens
from services.handover.adapters.zgw.levering import Stuk
from services.handover.domain.brieven import Briefsoort, write_brief
from services.handover.domain.casus import Bijlagegeheim
from services.handover.domain.kader import code_of_partij
from services.handover.domain.opdracht import BIJLAGEN
from services.handover.ports import Bijlageopslag, Brieven
from services.runtime.access.sealing import Sealer
from services.runtime.unit.decision import Refused, Request

_FIRST_FILE = 3
"""After the letter and the data."""


class Stukken:
    """Opens the overdrachtsdocument for the sending alone, and writes what is made of it."""

    def __init__(self, *, register: Register, rule_book: RuleBook, brieven: Brieven, bijlagen: Bijlageopslag) -> None:
        self._register = register
        self._rule_book = rule_book
        self._brieven = brieven
        self._bijlagen = bijlagen

    def of(self, request: Request, casus_id: CasusId, receiver: Gemeente | Partij, sealer: Sealer) -> tuple[Stuk, ...]:
        """Raises `NietInRegister`, `GeenAfspraken`, `SealBroken` or `CaseShredded`."""
        sealed: Verzegeld[Overdrachtsdocument] = Verzegeld(str(request.content["document"]))
        document = sealer.open(sealed, Overdrachtsdocument)
        gegevens = read_gegevens(
            request.content,
            casus_id,
            receiver,
            document,
            overgedragen_op=datetime.fromisoformat(str(request.content["aangemaaktOp"])),
            register=self._register,
            rule_book=self._rule_book,
        )

        async def write_letter() -> bytes:
            brief = write_brief(Briefsoort.OVERDRACHT, gegevens, on=local_date(gegevens.overgedragen_op))
            assert not isinstance(brief, Refused), "the letter to the receiver is always there"
            return await self._brieven.render(brief)

        async def write_data() -> bytes:
            return _as_data(request, casus_id, document)

        return (
            Stuk(1, "Overdrachtsdocument", "application/pdf", "pdf", write_letter),
            Stuk(2, "Overdrachtsdocument als gegevens", "application/json", "json", write_data),
            *self._files(request, document, sealer),
        )

    def _files(self, request: Request, document: Overdrachtsdocument, sealer: Sealer) -> Iterator[Stuk]:
        keys: Any = request.content.get(BIJLAGEN, {})
        for number, bijlage in enumerate(document.bijlagen or (), _FIRST_FILE):
            if (jwe := keys.get(str(bijlage.id))) is None:
                continue
            sealed: Verzegeld[Bijlagegeheim] = Verzegeld(str(jwe))
            geheim = sealer.open(sealed, Bijlagegeheim)
            title, extension = f"Bijlage {number - _FIRST_FILE + 1}", bijlage.naam.rpartition(".")[2]
            write = partial(self._read, bijlage, geheim)
            yield Stuk(number, title, bijlage.mediatype.value, extension, write, bijlage.naam)

    async def _read(self, bijlage: Bijlage, geheim: Bijlagegeheim) -> bytes:
        """Whole, for a document is posted whole; one at a time."""
        content = bytearray()
        async for part in self._bijlagen.read(bijlage.id, base64.b64decode(geheim.sleutel)):
            content += part
        return bytes(content)


def _as_data(request: Request, casus_id: CasusId, document: Overdrachtsdocument) -> bytes:
    """The overdrachtsdocument with what identifies it."""
    content = request.content
    return orjson.dumps(
        {
            "overdrachtId": content["overdrachtId"],
            "casusId": str(casus_id),
            "referentie": short_reference(casus_id),
            "gemeente": content["gemeente"],
            "team": content["team"],
            "partij": code_of_partij(content),
            "overdrachtsoort": content["overdrachtsoort"],
            "aangemaaktOp": content["aangemaaktOp"],
            "overdrachtsdocument": document.model_dump(mode="json", by_alias=True, exclude_none=True),
        },
        option=orjson.OPT_INDENT_2,
    )
