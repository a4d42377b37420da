"""What every handler of monitoring works with: the agreements of a case, who is who, and how a decision is made of it."""

from collections.abc import Iterable
from datetime import date, datetime

from contracts.afspraken import Afspraken, Anker, GeenAfspraken, RuleBook, local_date
from contracts.messages.documenten import Professional
from contracts.messages.doorgegeven import tell_closed
from contracts.messages.identifiers import CasusId
from contracts.messages.verzegeld import Verzegeld
from contracts.rechten import Daad, Relatie, may
from services.monitoring.domain import huishouden
from services.monitoring.domain.berichten import leave_together
from services.monitoring.domain.intrekken import withdrawals
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.relaties import relaties_for
from services.monitoring.domain.signalen import Misser, counted_at, signal_rule
from services.monitoring.domain.toestand import Termijn, Toezicht
from services.monitoring.domain.vastlegging import Vastlegging
from services.monitoring.domain.verloop import Verloop
from services.monitoring.domain.wie import Wie, wie_of
from services.monitoring.handlers.commands import CountMisser, NoteHuishoudenGesloten, ShareHuishouden, StrikeMisser
from services.runtime.unit.decision import (
    CancelTimer,
    Context,
    Decision,
    Forward,
    JournalLine,
    JsonObject,
    Reference,
    Rejected,
    SetTimer,
    TooEarly,
)
from services.runtime.unit.frozen import replace


class Kader:
    """The agreements and who is who, for every case alike."""

    def __init__(self, rule_book: RuleBook, partijen: Partijen) -> None:
        self.partijen = partijen
        self.rule_book = rule_book

    def verloop(self, toezicht: Toezicht, context: Context, *, now: datetime | None = None) -> Verloop | TooEarly:
        """The case under its own agreements.

        `TooEarly` while it is unknown which those are; raises `Rejected` when there are none for its melding.
        """
        if toezicht.regio is None or toezicht.gemeente is None or toezicht.peilmoment is None:
            return TooEarly("de melding van deze casus")
        try:
            on = local_date(toezicht.peilmoment)
            afspraken = self.afspraken(toezicht.regio, toezicht.gemeente, on)
        except GeenAfspraken as error:
            if not toezicht.gemeente_van_melding:
                return TooEarly("de melding van deze casus")
            raise Rejected(str(error)) from None
        return Verloop(
            toezicht, afspraken=afspraken, partijen=self.partijen, casus_id=context.casus_id, now=now or context.now
        )

    def afspraken(self, regio: str, gemeente: str, on: date) -> Afspraken:
        """The agreements of a day. Raises `GeenAfspraken`."""
        return self.rule_book.for_case(regio=regio, gemeente=gemeente, on=on)

    def relaties(self, toezicht: Toezicht, context: Context) -> frozenset[Relatie]:
        """How who acts stands to this case now."""
        return relaties_for(toezicht, self.wie(toezicht, context))

    def wie(self, toezicht: Toezicht, context: Context) -> Wie:
        """Who acts, as this case knows it."""
        return wie_of(
            context.actor.partij, toezicht, self.partijen, on=local_date(context.now), rollen=context.actor.rollen
        )

    def codes(self, context: Context) -> frozenset[str]:
        """The codes under which who acts stands in cases now."""
        return self.partijen.codes_of(context.actor.partij, on=local_date(context.now))

    def decide(self, before: Toezicht, verloop: Verloop, *, answer: JsonObject | None = None) -> Decision[Toezicht]:
        """Everything that follows from how the case moved on."""
        verloop.catch_up()
        alarms, unheard = verloop.alarms(), verloop.unheard()
        onbekend = {name: op for name, op in verloop.toezicht.onbekend.items() if alarms.get(name) == op}
        after = replace(verloop.toezicht, wekkers=alarms, onbekend=onbekend)
        versie = verloop.afspraken.versie
        closed = before.first(Anker.CASUS_GESLOTEN, None)
        if answer is not None and closed is not None:
            answer |= {**tell_closed(closed.op)}
        return Decision(
            after,
            events=(*leave_together(verloop.events, ook_elders=verloop.ook_elders), *withdrawals(before, verloop)),
            timers=(
                *(
                    SetTimer(name, at, unheard_at=unheard.get(name))
                    for name, at in alarms.items()
                    if before.wekkers.get(name) != at
                ),
                *(CancelTimer(name) for name in before.wekkers if name not in alarms),
            ),
            journal=tuple(JournalLine(line.wat, line.regel_id, versie, {**line.feiten}) for line in verloop.uitleg),
            references=_references(before, after),
            forwards=(*self._missers(verloop), *_household(before, after, verloop), *_closing(before, after, verloop)),
            answer=answer,
        )

    def _missers(self, verloop: Verloop) -> Iterable[Forward]:
        """What a party failed, or turns out to have kept, is told where its misses are counted."""
        for termijn in verloop.missers:
            regel = verloop.afspraken.termijnregel(termijn.regel_id)
            if regel is not None and not regel.is_agreed:
                continue  # nobody agreed on it, so nobody fails it
            if signal_rule(verloop.afspraken, termijn.verantwoordelijke) is not None and not _is_of_signaal(termijn):
                misser = _misser(termijn, verloop)
                yield Forward(counted_at(misser), CountMisser(misser))
        for termijn in verloop.ongedaan:
            misser = _misser(termijn, verloop)
            yield Forward(counted_at(misser), StrikeMisser(misser))


def may_act(toezicht: Toezicht, *, context: Context, kader: Kader, daad: Daad = Daad.CASUS_BEHANDELEN) -> bool:
    """Whether this is a case at all, and one in which who acts may do this now; for anyone else it does not exist."""
    if toezicht.regio is None or toezicht.signaal is not None:
        return False
    return may(daad, kader.relaties(toezicht, context), context.actor.rollen)


def who(door: Professional, context: Context) -> str:
    """Function and party; the name stays sealed."""
    return f"{door.functie} ({context.actor.partij})"


def seal(context: Context, door: Professional, toelichting: str | None) -> Verzegeld[Vastlegging]:
    """Who acted and in what words, under the key of the case."""
    sealed = context.sealer.seal(Vastlegging(door=door, toelichting=toelichting))
    return Verzegeld(sealed.jwe)


def keep_words(verloop: Verloop, context: Context, door: Professional, toelichting: str | None) -> None:
    """The same, with the case."""
    sealed = seal(context, door, toelichting)
    verloop.toezicht = replace(verloop.toezicht, vastleggingen=(*verloop.toezicht.vastleggingen, sealed))


def _household(before: Toezicht, after: Toezicht, verloop: Verloop) -> Iterable[Forward]:
    """The other cases of the household hear what changed in this one."""
    for casus in huishouden.to_tell(before, after):
        assert after.huishouden_sinds is not None, "a household has a beginning"
        share = ShareHuishouden(verloop.casus_id, huishouden.share_of(after), after.huishouden_sinds)
        yield Forward(CasusId(casus), share)


def _closing(before: Toezicht, after: Toezicht, verloop: Verloop) -> Iterable[Forward]:
    """The other cases about the household hear that this one is closed, or open again."""
    was, closed = (toezicht.first(Anker.CASUS_GESLOTEN, None) for toezicht in (before, after))
    if (was is None) != (closed is None):
        note = NoteHuishoudenGesloten(verloop.casus_id, None if closed is None else closed.op)
        yield from (Forward(CasusId(casus), note) for casus in after.ook_gemeld)


def _misser(termijn: Termijn, verloop: Verloop) -> Misser:
    return Misser(
        termijn.id,
        termijn.verantwoordelijke,
        verloop.regio,
        termijn.gemeente,
        termijn.eindigt_op,
        casus_id=verloop.casus_id,
        label=termijn.label,
    )


def _is_of_signaal(termijn: Termijn) -> bool:
    """A signal that is not sent in time climbs; it makes no signal about itself."""
    return termijn.vanaf.soort == "signaal"


def _references(before: Toezicht, after: Toezicht) -> tuple[Reference, ...]:
    references = [Reference("escalatie", str(key)) for key in after.escalaties if key not in before.escalaties]
    if after.melding_id is not None and before.melding_id is None:
        references.append(Reference("melding", str(after.melding_id)))
    return tuple(references)
