"""Files that go along with an overdracht: which kinds, judged by what is in them, and whose they are (D4).

The bytes are kept apart, sealed under a key of their own; the state of a case holds that key under the seal of the case.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from uuid import UUID

from contracts.messages.documenten import LARGEST_BIJLAGE, MOST_BIJLAGEN, Mediatype
from contracts.messages.envelope import Problem
from contracts.rechten import Daad, may
from services.handover.domain.antwoord import NOT_FOUND
from services.handover.domain.casus import Bijlage, Bijlagegeheim, Casus
from services.handover.domain.kader import Kader
from services.handover.domain.relaties import of_casus
from services.handover.domain.terugnemen import why_closed
from services.runtime.unit.decision import Context, Decision, JournalLine, Outcome, Refused
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import conflict, seal

LONGEST_NAME = 200
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kenmerk:
    """How a kind of file is known: by the end of its name, by how it begins, and by what must or may not be in it."""

    extensies: tuple[str, ...]
    begin: bytes = b""
    bevat: bytes = b""
    zonder: bytes = b""


KENMERKEN: Mapping[Mediatype, Kenmerk] = {
    Mediatype.PDF: Kenmerk((".pdf",), b"%PDF-"),
    Mediatype.DOCX: Kenmerk((".docx",), b"PK\x03\x04", bevat=b"word/document.xml", zonder=b"vbaProject.bin"),
    Mediatype.ODT: Kenmerk((".odt",), b"PK\x03\x04", bevat=b"mimetype" + Mediatype.ODT.value.encode()),
    Mediatype.JPEG: Kenmerk((".jpg", ".jpeg"), b"\xff\xd8\xff"),
    Mediatype.PNG: Kenmerk((".png",), b"\x89PNG\r\n\x1a\n"),
    Mediatype.TEKST: Kenmerk((".txt",), zonder=b"\x00"),
}
TE_GROOT = Refused(
    413,
    "De bijlage is te groot",
    (Problem("$", f"een bijlage telt hoogstens {LARGEST_BIJLAGE // _MEBIBYTE} MB"),),
    code="bijlage-te-groot",
)

NOG_ONBEKEND = Refused(
    503,
    "Nog niet bekend",
    (
        Problem(
            "$",
            "deze casus is hier nog niet bekend; probeer het over enkele seconden opnieuw; blijft het zo, vraag dan de beheerder",
        ),
    ),
    code="casus-nog-niet-bekend",
)
"""The melding has not reached handover; whether there is such a case only the API can look up."""


class Afgekeurd(Exception):
    """This file may not go along, for this reason."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.code)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Kop:
    """What whoever adds a file says it is."""

    naam: str
    mediatype: Mediatype


def read_kop(content_type: str | None, content_disposition: str | None) -> Kop | Refused:
    """From the two headers; refused with everything that is wrong with them."""
    naam = _name_in(content_disposition)
    soort = (content_type or "").partition(";")[0].strip().lower()
    mediatype = next((known for known in Mediatype if known.value == soort), None)
    problems: list[Problem] = []
    if mediatype is None:
        allowed = ", ".join(known.value for known in Mediatype)
        problems.append(Problem("header.content-type", f"is geen soort die mee mag; wel: {allowed}"))
    if naam is None:
        place = "header.content-disposition"
        problems.append(
            Problem(
                place, f'noemt geen bruikbare bestandsnaam; schrijf attachment; filename="…", tot {LONGEST_NAME} tekens'
            )
        )
    elif mediatype is not None and not naam.lower().endswith(KENMERKEN[mediatype].extensies):
        ends = " of ".join(KENMERKEN[mediatype].extensies)
        problems.append(Problem("header.content-disposition", f"de naam past niet bij de soort; verwacht {ends}"))
    if problems or naam is None or mediatype is None:
        status = 415 if mediatype is None else 400
        return Refused(status, "Deze bijlage kan niet mee", tuple(problems), code="bijlage-ongeldig")
    return Kop(naam, mediatype)


def _name_in(content_disposition: str | None) -> str | None:
    message = Message()
    message["content-disposition"] = content_disposition or ""
    naam = (message.get_filename() or "").strip()
    usable = 1 <= len(naam) <= LONGEST_NAME and naam.isprintable() and not set("/\\") & set(naam)
    return naam if usable and not naam.startswith(".") else None


class Keuring:
    """Judges a file while its bytes go by, and holds none of them but the last few."""

    def __init__(self, mediatype: Mediatype) -> None:
        self._kenmerk = KENMERKEN[mediatype]
        self._digest = hashlib.sha256()
        self._head = b""
        self._tail = b""
        self._found = not self._kenmerk.bevat
        self.grootte = 0

    def see(self, part: bytes) -> None:
        """The next bytes. Raises `Afgekeurd` as soon as it is known."""
        self.grootte += len(part)
        if self.grootte > LARGEST_BIJLAGE:
            raise Afgekeurd(TE_GROOT)
        self._digest.update(part)
        self._check_begin(part)
        kenmerk, window = self._kenmerk, self._tail + part
        self._found = self._found or kenmerk.bevat in window
        if kenmerk.zonder and kenmerk.zonder in window:
            raise Afgekeurd(_of_other_kind())
        longest = max(len(kenmerk.bevat), len(kenmerk.zonder), 1)
        self._tail = window[-longest + 1 :] if longest > 1 else b""

    def finish(self) -> str:
        """The sha256, in hex, of a file that is what it says. Raises `Afgekeurd`."""
        if self.grootte == 0:
            problem = Problem("$", "het bestand is leeg")
            raise Afgekeurd(Refused(400, "Deze bijlage kan niet mee", (problem,), code="bijlage-ongeldig"))
        if not self._found or len(self._head) < len(self._kenmerk.begin):
            raise Afgekeurd(_of_other_kind())
        return self._digest.hexdigest()

    def _check_begin(self, part: bytes) -> None:
        begin = self._kenmerk.begin
        self._head += part[: len(begin) - len(self._head)]
        if not begin.startswith(self._head):
            raise Afgekeurd(_of_other_kind())


def _of_other_kind() -> Refused:
    problem = Problem("$", "de inhoud is niet van de soort die de naam en Content-Type noemen, of bevat een macro")
    return Refused(415, "Deze bijlage kan niet mee", (problem,), code="bijlage-andere-soort")


def add_bijlage(
    state: Casus | None,
    bijlage_id: UUID,
    mediatype: Mediatype,
    geheim: Bijlagegeheim,
    grootte: int,
    *,
    context: Context,
    kader: Kader,
) -> Outcome[Casus]:
    """A file is kept for this case; it goes along with the overdracht whose document names it."""
    if state is None or not state.regios:
        return NOG_ONBEKEND
    if not may(Daad.BIJLAGE_TOEVOEGEN, of_casus(context.actor, state, kader=kader)):
        return NOT_FOUND
    if closed := why_closed(state):
        return closed
    if len(state.bijlagen) >= MOST_BIJLAGEN:
        message = f"een casus heeft hoogstens {MOST_BIJLAGEN} bijlagen"
        return conflict("Te veel bijlagen", message, code="te-veel-bijlagen")
    added = Bijlage(
        id=bijlage_id,
        door=context.actor.partij,
        mediatype=mediatype,
        grootte=grootte,
        toegevoegd_op=context.now,
        geheim=seal(context, geheim),
    )
    line = JournalLine(
        "bijlage-toegevoegd", facts={"bijlage": str(bijlage_id), "mediatype": mediatype.value, "grootte": grootte}
    )
    return Decision(replace(state, bijlagen=(*state.bijlagen, added)), journal=(line,), answer={"id": str(bijlage_id)})
