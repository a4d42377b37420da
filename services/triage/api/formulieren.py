"""What triage knows where somebody begins an act: the melding that is told already, the triageadvies and its sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel

from contracts.afspraken import Afspraken, Triagefeit
from contracts.formulieren import choice_label
from contracts.messages.documenten import Melder, Persoonsgegevens
from contracts.messages.handover import Overdrachtsoort
from contracts.messages.identifiers import short_reference
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Daad, Handeling, Relatie, find_handeling, may
from services.runtime.access.sealing import CaseShredded
from services.runtime.access.tokens import Caller
from services.runtime.http.forms import Beside, Known, Option, Point
from services.runtime.http.reading import Inkijk
from services.runtime.process.clock import Klok
from services.runtime.unit.decision import Refused
from services.triage.api.keuzes import begin_choices, receivers, to_ask
from services.triage.api.lezen import Inzage
from services.triage.domain.antwoord import NOT_FOUND
from services.triage.domain.kader import Kader
from services.triage.domain.mogelijk import why_not
from services.triage.domain.relaties import of_melding, of_meldpuntmelding, of_regio
from services.triage.handlers.commands import NoteInzage
from services.triage.ports import Queries, rows

_DOCUMENT = "overdrachtsdocument"
_ADVIES = "Advies"


class Formulierbalie:
    """The desk behind the forms of triage."""

    def __init__(self, kader: Kader, queries: Queries, inkijk: Inkijk, inzage: Inzage, klok: Klok) -> None:
        self._kader = kader
        self._queries = queries
        self._inkijk = inkijk
        self._inzage = inzage
        self._klok = klok

    async def look(self, act: Handeling, about: UUID | None, wie: Caller, *, fill: bool) -> Known | Refused:
        if about is None:
            return Known(options=begin_choices(act, wie, self._kader, now=self._klok.now()))
        over = await self._over(act, about, wie)
        fill = fill and over is None
        match act.onderwerp:
            case "dienst":
                known = await self._dienst(act, about, wie, fill=fill)
            case "meldpuntmelding":
                known = await self._meldpuntmelding(about, wie)
            case _:
                known = await self._melding(act, about, wie, fill=fill)
        return known if isinstance(known, Refused) else replace(known, over=over)

    async def _over(self, act: Handeling, about: UUID, wie: Caller) -> Refused | None:
        """What the operation would refuse now, whatever is filled in. Told only to who may see the thing."""
        match act.onderwerp:
            case "dienst":
                found = await self._queries.dienst(about)
            case "meldpuntmelding":
                found = await self._queries.meldpuntmelding(about)
            case _:
                found = await self._queries.melding(about)
        state = found and await self._queries.toestand(found.casus_id)
        return state and why_not(act.naam, state, about, partij=wie.partij)

    async def _melding(self, act: Handeling, about: UUID, wie: Caller, *, fill: bool) -> Known | Refused:
        melding = await self._queries.melding(about)
        if melding is None or not may(Daad.MELDING_LEZEN, of_melding(wie.actor, melding, self._kader), wie.rollen_now):
            return NOT_FOUND
        match act.naam:
            case "triagebesluit-nemen":
                return self._weighing(melding)
            case "directe-overdracht":
                return await self._handing_over(melding, wie, fill=fill)
            case "hermelding-beoordelen":
                return Known(melding.casus_id, options={"casusId": _to_compare(melding)})
            case "melder-informeren":
                told = melding.melder_geinformeerd_op is not None
                return Known(melding.casus_id, needless=frozenset() if told else frozenset({"correctie"}))
            case _:
                return Known(melding.casus_id)

    def _weighing(self, melding: rows.Melding) -> Known:
        """The advice with its sentences; of the judgements only those that are asked here."""
        advies: Any = self._inzage.explain(melding)
        asked: list[Any] = [] if advies is None else advies["teBeoordelen"]
        labels = {f"oordelen.{to_camel(one['oordeel'])}": str(one["vraag"]) for one in asked if one.get("oordeel")}
        others = frozenset(f"oordelen.{to_camel(feit.value)}" for feit in Triagefeit) - frozenset(labels)
        return Known(
            melding.casus_id,
            labels=labels,
            required=frozenset(labels),
            needless=others if labels else frozenset({"oordelen"}),
            beside=(*_earlier(melding), *(() if advies is None else _advice(advies))),
        )

    async def _handing_over(self, melding: rows.Melding, wie: Caller, *, fill: bool) -> Known | Refused:
        """With everything in the document that the melding says, so that it is not asked again."""
        weighing = self._weighing(melding)
        handing = await self._document(melding, wie, Overdrachtsoort.DIRECT, fill=fill)
        if isinstance(handing, Refused):
            return handing
        return replace(
            handing,
            labels={**weighing.labels, **handing.labels},
            required=weighing.required | handing.required,
            needless=weighing.needless,
            beside=(*weighing.beside, *handing.beside),
        )

    async def _document(
        self, melding: rows.Melding, wie: Caller, soort: Overdrachtsoort, *, fill: bool
    ) -> Known | Refused:
        """To whom and with what a case is handed over: one form, directly and after a dienst."""
        afspraken = self._kader.afspraken(
            regio=melding.regio, gemeente=melding.gemeente, ontvangen_op=melding.ontvangen_op
        )
        labels, required = _words(afspraken, soort)
        body = await self._told(melding, wie) if fill else {}
        if isinstance(body, Refused):
            return body
        return Known(
            melding.casus_id,
            body=body,
            labels=labels,
            required=required,
            options=receivers(melding, self._kader, now=self._klok.now()),
            beside=[_complete(labels, required, body.get(_DOCUMENT, {}))] if fill else (),
        )

    async def _told(self, melding: rows.Melding, wie: Caller) -> dict[str, Any] | Refused:
        """What the melding says, once it was noted that it is read."""
        handed = {"ontvangers": [{"gemeente": melding.gemeente}]}
        sealed: Verzegeld[Persoonsgegevens] = Verzegeld(melding.persoonsgegevens)
        try:
            opened = await self._inkijk.open(
                melding.casus_id, sealed, Persoonsgegevens, actor=wie.actor, note=NoteInzage(melding.id)
            )
        except CaseShredded:
            return handed
        if isinstance(opened, Refused):
            return opened
        said = opened.model_dump(mode="json", by_alias=True, exclude_none=True)
        document = {
            "betrokkenen": said["betrokkenen"],
            "overdrachtspartijen": [f"Gemeente {self._kader.register.naam(melding.gemeente)}, lokaal team"],
            "identiteitMelder": _who(opened.melder),
            "weergaveMelding": opened.omschrijving,
        }
        return {**handed, _DOCUMENT: document}

    async def _dienst(self, act: Handeling, about: UUID, wie: Caller, *, fill: bool) -> Known | Refused:
        dienst = await self._queries.dienst(about)
        if dienst is None or not may(
            Daad.MELDING_LEZEN, of_regio(wie.actor, dienst.regio, self._kader), wie.rollen_now
        ):
            return NOT_FOUND
        melding = await self._queries.melding(dienst.casus_id)
        if melding is None:
            return Known(dienst.casus_id)
        if act.naam != "dienst-afronden":
            return Known(dienst.casus_id)
        return await self._document(melding, wie, Overdrachtsoort.NA_DIENST, fill=fill)

    async def _meldpuntmelding(self, about: UUID, wie: Caller) -> Known | Refused:
        """The meldpunt asks another; everybody else takes over itself, and is asked nothing.

        Who is asked to take over may not read how it is: the form is there, and says nothing of it.
        """
        found = await self._queries.meldpuntmelding(about)
        if found is None:
            return NOT_FOUND
        relaties = of_meldpuntmelding(wie.actor, found, self._kader)
        if Relatie.MELDPUNT in relaties:
            asked = to_ask(found, wie, self._kader, now=self._klok.now())
            return Known(found.casus_id, required=frozenset({"door"}), options={"door": asked})
        reads = may(Daad.MELDPUNTSTATUS_LEZEN, relaties, wie.rollen_now)
        return Known(found.casus_id if reads else None, needless=frozenset({"door", "bewijs"}))


def _advice(advies: Mapping[str, Any]) -> Sequence[Beside]:
    told = Beside(
        f"Triageadvies: {choice_label(_ADVIES, advies['advies']).lower()}",
        "Dit adviseert Houvast op grond van de afspraken. U beslist.",
        [_point(one) for one in advies["redenen"]],
    )
    asked = [_point(one, one.get("vraag")) for one in advies["teBeoordelen"]]
    return (told, Beside("Hierover oordeelt u zelf", points=asked)) if asked else (told,)


def _point(grond: Mapping[str, Any], text: str | None = None) -> Point:
    bron: Mapping[str, str] = grond.get("bron") or {}
    source = f"{bron['document']} {bron['paragraaf']}" if bron else ""
    return Point(str(text or grond.get("label") or grond["regelId"]), source, bron.get("citaat", ""))


def _words(afspraken: Afspraken, soort: Overdrachtsoort) -> tuple[dict[str, str], frozenset[str]]:
    """What the fields of the document are called, and which must be there, by their places."""
    velden = afspraken.document_velden(soort.value)
    labels = {f"{_DOCUMENT}.{veld.veld}": veld.label for veld in velden}
    return labels, frozenset(f"{_DOCUMENT}.{veld.veld}" for veld in velden if veld.verplicht)


def _complete(labels: Mapping[str, str], required: frozenset[str], document: Mapping[str, Any]) -> Beside:
    """What is still to be written before it can be handed over."""
    missing = [label for place, label in labels.items() if place in required and place.split(".")[1] not in document]
    return Beside(
        "Nog in te vullen in het overdrachtsdocument",
        "Wat de melding al zegt, staat er al in. Kijk het na.",
        [Point(label) for label in missing],
    )


def _who(melder: Melder) -> str:
    """Who told it, or that this is not to be told."""
    if melder.wil_anoniem_blijven or melder.naam is None:
        return "De melder wil anoniem blijven."
    return ", ".join(part for part in (melder.naam, melder.functie, melder.organisatie) if part)


def _earlier(melding: rows.Melding) -> Iterator[Beside]:
    """The way to what is decided before this: whether these are people whom an earlier case is about."""
    found = [one for one in melding.mogelijke_hermeldingen or () if one.oordeel is None]
    if found:
        act = find_handeling("hermelding-beoordelen")
        yield Beside(
            "Misschien dezelfde mensen als eerder",
            "Vergelijk eerst: gaat dit over dezelfde mensen, dan horen de casussen bij elkaar.",
            [Point(f"{act.knop}: {short_reference(one.casus_id)}", link=act.address(melding.id)) for one in found],
        )


def _to_compare(melding: rows.Melding) -> Sequence[Option]:
    hermeldingen = melding.mogelijke_hermeldingen or ()
    return [Option(str(one.casus_id), short_reference(one.casus_id)) for one in hermeldingen]
