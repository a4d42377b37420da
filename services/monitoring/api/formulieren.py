"""What monitoring knows where somebody begins an act: the case, its overdrachten and the steps of its region."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from contracts.afspraken import Anker, local_date
from contracts.formulieren import choice_label
from contracts.messages.identifiers import CasusId
from contracts.rechten import Daad, Handeling, Kring, find_handeling, kring_of, may
from contracts.register import Register
from services.monitoring.api.balie import reading_kring
from services.monitoring.api.blik import look_at
from services.monitoring.api.pages import show_moment
from services.monitoring.api.presentation import Verwijzer
from services.monitoring.domain import correcties
from services.monitoring.domain.antwoord import conflict, unknown
from services.monitoring.domain.mogelijkheden import Blik, Mogelijkheid, mogelijkheden, over_wie, overnemers
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Feit, Toezicht
from services.monitoring.ports import Queries, SignaalVraag, rows
from services.runtime.access.tokens import Caller
from services.runtime.http.forms import Beside, Known, Option
from services.runtime.unit.decision import Refused
from services.runtime.unit.hub import Hub


class Formulierbalie:
    """The desk behind the forms of monitoring."""

    def __init__(
        self, hub: Hub[Toezicht], queries: Queries, *, register: Register, verwijzer: Verwijzer, partijen: Partijen
    ) -> None:
        self._hub = hub
        self._queries = queries
        self._register = register
        self._verwijzer = verwijzer
        self._partijen = partijen

    async def look(self, act: Handeling, about: UUID | None, wie: Caller, *, fill: bool) -> Known | Refused:
        """Nothing that people wrote is opened here."""
        del fill
        kring = reading_kring(wie, self._register, self._hub.klok.now())
        if about is None or act.onderwerp == "signaal":
            return await self._of_signaal(about, wie)
        casus_id = about
        if act.onderwerp == "escalatie":
            casus_id = next(iter(await self._hub.find("escalatie", str(about))), CasusId(about))
        elif act.onderwerp == "monitormoment":
            casus_id = await self._queries.casus_of_monitormoment(about, kring) or about
        casus = await self._queries.casus(casus_id, kring)
        if casus is None:
            return unknown(act.onderwerp or "casus")
        toezicht, known = await self._queries.toezicht(casus.id), self._known(casus)
        if toezicht is None:
            return known
        blik = look_at(
            casus, toezicht, wie, verwijzer=self._verwijzer, partijen=self._partijen, now=self._hub.klok.now()
        )
        if blik is None:
            return known
        can = _possible(blik, casus.id if act.onderwerp == "casus" else about)
        possible = frozenset(naam for naam, item in can.items() if item.waarom_niet is None)
        known = replace(known, possible=possible, over=_why_not(act, blik, can))
        return self._with_choices(act, known, blik, kring)

    async def _of_signaal(self, signaal_id: UUID | None, wie: Caller) -> Known:
        """What the signaal says, beside the form of its answer; nothing where this party sees none, as its operation will say."""
        if signaal_id is None:
            return Known()
        kring = kring_of(
            Daad.SIGNALENLIJST_LEZEN,
            wie.partij,
            self._register,
            on=local_date(self._hub.klok.now()),
            rollen=wie.rollen_now,
        )
        found = () if kring is None else await self._queries.signalen(SignaalVraag(signaal=signaal_id), kring)
        return Known(beside=[self._in_short(signaal) for signaal in found])

    def _in_short(self, signaal: rows.Signaal) -> Beside:
        keer = "één keer" if signaal.aantal == 1 else f"{signaal.aantal} keer"
        who, since = self._register.naam(signaal.over), local_date(signaal.sinds)
        text = f"{who} voerde afspraken {keer} niet op tijd uit, sinds {since:%d-%m-%Y}."
        if signaal.antwoord_voor is not None:
            text += f" Uw antwoord wordt verwacht vóór {local_date(signaal.antwoord_voor):%d-%m-%Y}."
        return Beside("Het signaal", text)

    def _with_choices(self, act: Handeling, known: Known, blik: Blik, kring: Kring) -> Known:
        """With what this party can choose here, by the rule that refuses the rest."""
        match act.naam:
            case "feit-corrigeren":
                return self._with_moments(known, blik.toezicht, kring)
            case "signaal-opstellen":
                found = [Option(drager.value, choice_label("Drager", drager.value)) for drager in over_wie(blik)]
                return replace(known, options={**known.options, "over": found})
            case "zorg-aanvaarden":
                codes = overnemers(blik, (partij.code for partij in self._register.partijen()))
                found = [Option(code, self._register.naam(code)) for code in codes]
                return replace(known, options={**known.options, "partij": found})
            case _:
                return known

    def _with_moments(self, known: Known, toezicht: Toezicht, kring: Kring) -> Known:
        """With the moments of this case that may be put right; which of them, only where one came more than once."""
        by_anker: dict[Anker, list[Feit]] = {}
        for feit in correcties.known(toezicht):
            if kring.partijen is not None and not correcties.is_own(feit, kring.partijen):
                continue
            by_anker.setdefault(feit.anker, []).append(feit)
        feiten = [Option(anker.value, self._in_words(anker, found)) for anker, found in by_anker.items()]
        handed = {option.value: option.label for option in known.options["overdrachtId"]}
        several = [
            Option(str(feit.onderwerp_id), self._which(feit, handed))
            for found in by_anker.values()
            for feit in found
            if len(found) > 1 and feit.onderwerp_id is not None
        ]
        options = {**known.options, "feit": feiten, "onderwerpId": several}
        return replace(known, options=options, needless=frozenset() if several else frozenset({"onderwerpId"}))

    def _in_words(self, anker: Anker, found: Sequence[Feit]) -> str:
        days = " en ".join(show_moment(feit.op, now=self._hub.klok.now()) for feit in found)
        return f"{choice_label('Anker', anker.value)}: {days}"

    def _which(self, feit: Feit, handed: Mapping[str, str]) -> str:
        said = self._in_words(feit.anker, (feit,))
        thing = handed.get(str(feit.onderwerp_id))
        return said if thing is None else f"{said} ({thing[:1].lower()}{thing[1:]})"

    def _known(self, casus: rows.Casus) -> Known:
        afspraken = self._verwijzer.afspraken(casus)
        steps = () if afspraken is None else afspraken.stagnatiestappen
        handed = [Option(str(one.id), self._handed(one)) for one in casus.overdrachten]
        return Known(
            casus.id,
            options={
                "stap": [Option(str(step.stap), f"{step.stap}. {step.label}") for step in steps],
                "overdrachtId": handed,
            },
        )

    def _handed(self, overdracht: rows.Overdracht) -> str:
        since = _day(overdracht.aangemaakt_op)
        return f"Aan {self._register.naam(overdracht.partij or overdracht.gemeente)}{since}"


def _possible(blik: Blik, over_id: UUID) -> Mapping[str, Mogelijkheid]:
    """By name what this person may do with this thing, as the page of the case has it."""
    found = (item for item in mogelijkheden(blik) if item.over_id == over_id)
    return {item.naam: item for item in found if may(find_handeling(item.naam).daad, item.relaties, blik.wie.rollen)}


def _why_not(act: Handeling, blik: Blik, can: Mapping[str, Mogelijkheid]) -> Refused | None:
    if act.naam in can:
        reason = can[act.naam].waarom_niet
        return None if reason is None else conflict(reason)
    if not may(act.daad, blik.relaties, blik.wie.rollen):
        return unknown(act.onderwerp or "casus")
    return conflict(f"{act.knop[:1].lower()}{act.knop[1:]} kan nu niet, of niet meer, zoals deze casus nu is")


def _day(moment: datetime | None) -> str:
    return "" if moment is None else f", van {local_date(moment):%d-%m-%Y}"
