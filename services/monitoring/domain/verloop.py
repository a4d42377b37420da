"""How a case moves on: from what is known and the moment it is, to everything that follows from it.

Facts are laid down first (`feiten`); then zicht op veiligheid, termijnen and escalaties are brought in line with them.
Doing that twice changes nothing, so events may come twice, late or in another order. What becomes overdue is called out
only when its timer fires (`run_due`), so that a backlog of events is heard before anybody is accused of being late.
"""

from datetime import datetime

from contracts.afspraken import Berichtsoort, LadderRegel, Termijnstatus, Trede
from contracts.afspraken.situatie import holds
from contracts.afspraken.toepassing import Afloop, find_afloop, find_status
from contracts.messages.monitoring import (
    Drager,
    Escalatieresultaat,
    TermijnGestart,
    TermijnNadert,
    TermijnVerstreken,
    TermijnVervallen,
)
from services.monitoring.domain import (
    berichten,
    escalaties,
    mededelen,
    monitoring,
    onbekend,
    termijnen,
    vertellen,
    zicht,
)
from services.monitoring.domain.lopend import Lopend
from services.monitoring.domain.sluiten import is_closed
from services.monitoring.domain.toestand import (
    TERMIJN_TRANSITIONS,
    Escalatie,
    Escalatiestatus,
    Monitormoment,
    Overgang,
    Termijn,
)
from services.monitoring.domain.vertellen import FactValue, Uitleg
from services.runtime.unit.frozen import replace

_ENDED = tuple(status for status, following in TERMIJN_TRANSITIONS.items() if not following)
_MISSED = (Termijnstatus.VERSTREKEN, Termijnstatus.TE_LAAT_GEHAALD)


class Verloop(Lopend):
    """The case while one message is worked out."""

    def lapse(self, termijn: Termijn, reden: str) -> None:
        """End a running term because it does not apply any more."""
        lapsed = termijnen.move_to(termijn, Termijnstatus.VERVALLEN)
        self.keep_termijn(lapsed)
        event = TermijnVervallen(**vertellen.velden_of(lapsed, self.regio), vervallen_op=self.now, reden=reden)
        self._tell(event, f"termijn vervallen: {reden}", lapsed)

    def follow_facts(self) -> None:
        """Bring zicht op veiligheid, termijnen and their escalaties in line with the facts and the moment."""
        self._start_termijnen()
        self._settle_termijnen()
        self._move_zicht()
        self._raise()
        self.inform(until=self.now, gepland=False)

    def run_due(self, heard_until: datetime) -> None:
        """Call out what has become due: terms in the order in which they passed, then the rungs of the ladders.

        Nobody is called about what ended after `heard_until`: news of that may still be on its way. Where that lasts
        too long, people hear that it is not known.
        """
        until = min(self.now, heard_until)
        for termijn in sorted(self.toezicht.termijnen.values(), key=lambda termijn: termijn.eindigt_op):
            if termijnen.passed(termijn, until):
                self._pass(termijn)
            elif termijnen.nears(termijn, until, self.now):
                self._warn(termijn)
        for escalatie in sorted(self.toezicht.escalaties.values(), key=lambda escalatie: escalatie.trede_op):
            if escalaties.is_due(escalatie, until):
                self.climb(escalatie)
        self.inform(until=until, gepland=True)
        for oordeel in onbekend.unanswered(self.toezicht, self.afspraken, heard_until=until, now=self.now):
            self._tell_onbekend(oordeel)

    def alarms(self) -> dict[str, datetime]:
        """Every moment still to come at which something becomes due, by the name of its timer."""
        found: dict[str, datetime] = {}
        for termijn in self.toezicht.termijnen.values():
            if termijn.status is Termijnstatus.LOPEND:
                found[f"termijn:{termijn.id}"] = termijn.eindigt_op
                warns = termijn.nadert_op is not None and not termijn.genaderd and self.now < termijn.eindigt_op
                if warns and termijn.nadert_op is not None and termijn.nadert_op < termijn.eindigt_op:
                    found[f"nadert:{termijn.id}"] = termijn.nadert_op
        for escalatie in self.toezicht.escalaties.values():
            waits = escalatie.status is not Escalatiestatus.AFGEHANDELD or self._is_still_late(escalatie)
            if escalatie.volgende_op is not None and waits:
                found[f"trede:{escalatie.id}"] = escalatie.volgende_op
        told = mededelen.alarms(self.mededelingen(), self.toezicht, self.afspraken.kalender, now=self.now)
        moves = {beweging.name: beweging.at for beweging in self.bewegingen if beweging.at > self.now}
        return found | told | moves

    def unheard(self) -> dict[str, datetime]:
        """By the name of its timer, when people hear that it is not known what comes of it."""
        found = {
            item.name: onbekend.told_at(item, self.toezicht, self.afspraken)
            for item in onbekend.oordelen(self.toezicht)
        }
        return {name: at for name, at in found.items() if at is not None}

    # termijnen

    def _start_termijnen(self) -> None:
        for termijn in termijnen.started(self.casus, self.afspraken):
            known = self.toezicht.termijnen.get(termijn.id)
            if known is None:
                self.begin_termijn(termijn, "termijn gestart")
                continue
            again = termijnen.recomputed(known, termijn)
            if again is not known:
                self.keep_recomputed(known, again)
            elif (met := self.toezicht.current(termijn.id)) is not None and termijnen.began_before(met, termijn):
                self.succeed(met, termijnen.succession(met, termijn))

    def begin_termijn(self, termijn: Termijn, wat: str) -> None:
        """Let a term run; a moment of monitoring is planned with it."""
        self.keep_termijn(termijn)
        self._tell(TermijnGestart(**vertellen.velden_of(termijn, self.regio)), wat, termijn)
        if termijn.is_monitormoment:
            self._plan_moment(termijn)

    def keep_recomputed(self, known: Termijn, again: Termijn) -> None:
        """A term that runs from or until another moment than was thought, with what it was."""
        self.keep_termijn(again)
        when = "eerder" if again.begint_op < known.begint_op else "later"
        event = TermijnGestart(**vertellen.velden_of(again, self.regio))
        self._tell(event, f"termijn herrekend: het begin was {when}", again, vertellen.as_it_was(known))
        if again.is_monitormoment:
            self._plan_moment(again)

    def succeed(self, known: Termijn, successor: Termijn) -> None:
        """Let a term that ended stay as it was, for history, and another take its place."""
        self.keep_termijn(replace(known, vervangen_door=successor.id))
        self.begin_termijn(successor, "termijn opnieuw berekend; de eerdere blijft in de geschiedenis")
        self.uitleg.append(Uitleg("eerdere termijn vervangen", known.regel_id, vertellen.as_it_was(known)))

    def _settle_termijnen(self) -> None:
        casus, feiten = self.casus, self.toezicht.feiten
        late_news = bool(feiten) and feiten[-1].op < max(feit.op for feit in feiten)
        for termijn in self.toezicht.termijnen.values():
            if termijn.vervangen_door is not None or (termijn.status in _ENDED and not late_news):
                continue
            afloop = find_afloop(termijn, casus, self.afspraken)
            if afloop is not None:
                self._settle(termijn, afloop)

    def _settle(self, known: Termijn, afloop: Afloop) -> None:
        termijn = known
        if known.status in _ENDED:
            if not self._ended_otherwise(known, afloop):
                return
            running = replace(known, status=Termijnstatus.LOPEND, gehaald_op=None, gehaald_door=None)
            termijn = termijnen.succession(known, running)
            self.succeed(known, termijn)
        settled = termijnen.settle(termijn, afloop, now=self.now)
        if settled is not termijn:
            self.keep_termijn(settled)
            self._tell_settled(settled, afloop)
            if known.status in _MISSED and settled.status not in _MISSED:
                self.ongedaan.append(settled)
            elif known.status not in _MISSED and settled.status in _MISSED:
                self.missers.append(settled)  # nobody is called any more, and it counts all the same (MB 6.2)
        self._close_escalaties_of(settled, afloop)

    def _ended_otherwise(self, known: Termijn, afloop: Afloop) -> bool:
        """Whether news that came late tells that a term lapsed before it was met, or was met before it lapsed."""
        status = find_status(known, afloop, now=self.now)
        if status is known.status or status not in _ENDED or known.afspraken_versie != self.afspraken.versie:
            return False
        return self.toezicht.first(known.vanaf, known.onderwerp_id) is not None

    def _tell_settled(self, termijn: Termijn, afloop: Afloop) -> None:
        event, wat = vertellen.settled(termijn, afloop, regio=self.regio)
        self._tell(event, wat, termijn, vertellen.about(afloop) | {"door": afloop.gebeurd.door})

    def _pass(self, termijn: Termijn) -> None:
        passed = termijnen.move_to(termijn, Termijnstatus.VERSTREKEN)
        self.keep_termijn(passed)
        event = TermijnVerstreken(**vertellen.velden_of(passed, self.regio), vastgesteld_op=self.now)
        self._tell(event, "termijn verstreken", passed)
        self.missers.append(passed)
        afloop = find_afloop(passed, self.casus, self.afspraken)
        if passed.ladder_id is not None and afloop is None:
            self.start_escalatie(escalaties.grond_of(passed), self.afspraken.ladder(passed.ladder_id))

    def _warn(self, termijn: Termijn) -> None:
        """Who is called first when the term is missed, is warned first."""
        warned = replace(termijn, genaderd=True)
        self.keep_termijn(warned)
        self._tell(TermijnNadert(**vertellen.velden_of(warned, self.regio)), "termijn nadert", warned)
        if termijn.ladder_id is None:
            return
        trede = self.afspraken.ladder(termijn.ladder_id).treden[0]
        partij = self.partijen.code(
            termijn.verantwoordelijke, regio=self.regio, gemeente=termijn.gemeente, partij=termijn.partij
        )
        self.events.append(
            berichten.about_nearing(
                warned,
                rol=trede.rol,
                partij=partij,
                toezicht=self.toezicht,
                casus_id=self.casus_id,
                regel=self.afspraken.regel(termijn.regel_id),
            )
        )

    def _tell_onbekend(self, oordeel: onbekend.Oordeel) -> None:
        """Veilig Thuis and the beheerder hear that it is not known: no miss of anybody."""
        toezicht, termijn = self.toezicht, oordeel.termijn
        veilig_thuis = self.partijen.code(Drager.VEILIG_THUIS, regio=self.regio, gemeente=termijn.gemeente)
        onzekerheid = next(iter(self.afspraken.onzekerheden), None)
        self.events += [
            berichten.about_onbekend(
                termijn, oordeel.op, wie=wie, toezicht=toezicht, casus_id=self.casus_id, regel=onzekerheid
            )
            for wie in berichten.hub_and_veilig_thuis(veilig_thuis, self.afspraken.aanspreekpunt)
        ]
        self.toezicht = replace(toezicht, onbekend={**toezicht.onbekend, oordeel.name: oordeel.op})
        self.explain("niet bekend of dit gebeurd is: gemeld aan mensen", termijn)

    # zicht op veiligheid

    def _move_zicht(self) -> None:
        casus, bewegingen = self.casus, self.look_again()
        wanted = zicht.expected(casus, bewegingen, self.afspraken, now=self.now)
        added = zicht.additions(self.toezicht.zicht, wanted, now=self.now)
        for line in added:
            self._tell_zicht(line)
            self.toezicht = replace(self.toezicht, zicht=(*self.toezicht.zicht, line))

    def _tell_zicht(self, line: Overgang) -> None:
        event = vertellen.overgegaan(self.toezicht, line, regio=self.regio, now=self.now)
        self.tell(event, vertellen.moved(line, herziening=event.herziening))

    # escalaties

    def _raise(self) -> None:
        """Climb where the agreements have a ladder climbed at once; each such moment once, and none in a closed case."""
        if is_closed(self.toezicht):
            self._end_ladders()
            return
        for regel in self.afspraken.opschalingen:
            for feit in self.toezicht.feiten:
                if feit.anker is regel.bij and holds(regel.alleen_bij, self.casus, feit):
                    grond = escalaties.grond_bij(feit, regel, self.toezicht, casus_id=self.casus_id)
                    if not self._was_raised(grond, feit.op):
                        self.start_escalatie(grond, self.afspraken.ladder(regel.ladder))

    def _was_raised(self, grond: escalaties.Escalatiegrond, op: datetime) -> bool:
        """Whether a ladder about the same was being climbed then: said once more it starts no second one, also later."""
        return any(
            escalatie.id != grond.id
            and (escalatie.regel_id, escalatie.onderwerp_id) == (grond.regel_id, grond.onderwerp_id)
            and (escalatie.afgehandeld_op is None or op < escalatie.afgehandeld_op)
            for escalatie in self.toezicht.escalaties.values()
        )

    def _end_ladders(self) -> None:
        """The case is closed: nobody climbs on, and who was called last hears that, once."""
        for escalatie in self.toezicht.escalaties.values():
            if escalatie.status is not Escalatiestatus.AFGEHANDELD:
                reden: dict[str, FactValue] = {"reden": "de casus is gesloten"}
                self.close_escalatie(escalatie, Escalatieresultaat.GEEN_ACTIE_NODIG.value, reden)
                regel = self.regel_of(escalatie)
                self.events.append(berichten.about_ended(escalatie, self.toezicht, casus_id=self.casus_id, regel=regel))

    def start_escalatie(self, grond: escalaties.Escalatiegrond, ladder: LadderRegel) -> Escalatie:
        """Call the first rung of a ladder; what has been started is not started again."""
        known = self.toezicht.escalaties.get(grond.id)
        if known is not None:
            return known
        bij = self._parties_of(ladder.treden[0], grond)
        escalatie = escalaties.start(grond, self.afspraken, ladder, bij=bij, now=self.now)
        return self._call(escalatie, ladder, bij, "escalatie gestart")

    def climb(self, escalatie: Escalatie, *, door: str | None = None) -> Escalatie:
        """Call the next rung, because its time passed or because `door` says so.

        Who took it up is reminded first; on the last rung the same people are called again.
        """
        ladder = self.afspraken.ladder(escalatie.ladder_id)
        if escalatie.status is Escalatiestatus.AFGEHANDELD:
            return escalatie if door is not None else self._come_back(escalatie, ladder)
        waits = escalatie.status is Escalatiestatus.OPGEPAKT and not escalatie.herhaald and door is None
        is_last = escalatie.trede + 1 >= len(ladder.treden)
        if waits or is_last:
            return self.call_again(escalatie, ladder, is_last=is_last and not waits)
        bij = self._parties_of(ladder.treden[escalatie.trede + 1], escalatie)
        climbed = escalaties.climb(escalatie, self.afspraken, ladder, bij=bij, now=self.now)
        return self._call(climbed, ladder, bij, "escalatie opgeschaald", door=door)

    def settle_escalatie(self, escalatie: Escalatie, resultaat: str, feiten: dict[str, FactValue]) -> Escalatie:
        """People close it; as long as what it is about is not done, it comes back in the time of its rung."""
        closed = self.close_escalatie(escalatie, resultaat, feiten)
        if self._is_still_late(closed):
            closed = escalaties.come_back(closed, self.afspraken, now=self.now)
        self.keep_escalatie(closed)
        return closed

    def _come_back(self, escalatie: Escalatie, ladder: LadderRegel) -> Escalatie:
        late = self._is_still_late(escalatie)
        return self.call_again(escalaties.reopen(escalatie), ladder, is_last=False) if late else escalatie

    def _is_still_late(self, escalatie: Escalatie) -> bool:
        termijn = None if escalatie.termijn_id is None else self.toezicht.current(escalatie.termijn_id)
        return termijn is not None and termijn.status is Termijnstatus.VERSTREKEN and not is_closed(self.toezicht)

    def call_again(self, escalatie: Escalatie, ladder: LadderRegel, *, is_last: bool) -> Escalatie:
        """Call the people of its rung once more; of the last one Veilig Thuis hears that there is nobody above it."""
        bij = self._parties_of(ladder.treden[escalatie.trede], escalatie)
        again = escalaties.call_again(escalatie, self.afspraken, ladder, bij=bij, now=self.now)
        veilig_thuis = self.partijen.code(Drager.VEILIG_THUIS, regio=self.regio, gemeente=escalatie.gemeente)
        if is_last and veilig_thuis not in bij:
            told = berichten.about_top(
                again,
                partij=veilig_thuis,
                aanspreekpunt=self.afspraken.aanspreekpunt(Berichtsoort.LADDER_TEN_EINDE),
                toezicht=self.toezicht,
                casus_id=self.casus_id,
                regel=self.regel_of(again),
            )
            self.events.append(told)
        return self._call(again, ladder, bij, "escalatie opnieuw geroepen")

    def _parties_of(self, trede: Trede, about: escalaties.Escalatiegrond | Escalatie) -> tuple[str, ...]:
        return escalaties.parties_of(trede, about, regio=self.regio, partijen=self.partijen)

    def close_escalatie(self, escalatie: Escalatie, resultaat: str, feiten: dict[str, FactValue]) -> Escalatie:
        """Close it; nobody keeps climbing."""
        closed = escalaties.close(escalatie, resultaat=resultaat, now=self.now)
        self.keep_escalatie(closed)
        self.events.append(escalaties.afgehandeld(closed, self.regio))
        self.uitleg.append(Uitleg("escalatie afgehandeld", closed.regel_id, {"resultaat": resultaat, **feiten}))
        return closed

    def take_up_escalatie(self, escalatie: Escalatie, *, door: str) -> Escalatie:
        """Someone works on it."""
        ladder = self.afspraken.ladder(escalatie.ladder_id)
        taken = escalaties.take_up(escalatie, self.afspraken, ladder, door=door, now=self.now)
        self.keep_escalatie(taken)
        self.events.append(escalaties.opgepakt(taken, self.regio))
        self.uitleg.append(Uitleg("escalatie opgepakt", taken.regel_id, {"door": door}))
        return taken

    def _call(
        self, escalatie: Escalatie, ladder: LadderRegel, bij: tuple[str, ...], wat: str, *, door: str | None = None
    ) -> Escalatie:
        self.keep_escalatie(escalatie)
        if escalatie.trede == 0 and not escalatie.herhaald:
            self.events.append(escalaties.gestart(escalatie, self.regio, bij[1:]))
        elif not escalatie.herhaald:
            self.events.append(escalaties.opgeschaald(escalatie, self.regio, bij[1:], door=door))
        termijn = None if escalatie.termijn_id is None else self.toezicht.termijnen.get(escalatie.termijn_id)
        self.events.extend(
            berichten.about_trede(
                escalatie,
                termijn,
                partij=code,
                notificatie_id=notificatie_id,
                partijen=self.partijen,
                toezicht=self.toezicht,
                casus_id=self.casus_id,
                regel=self.regel_of(escalatie),
            )
            for code, notificatie_id in zip(bij, escalatie.notificaties, strict=True)
        )
        facts: dict[str, FactValue] = {"trede": escalatie.trede + 1, "rol": escalatie.rol, "bij": ", ".join(bij)}
        self.uitleg.append(Uitleg(wat, ladder.id, facts if door is None else facts | {"door": door}))
        return escalatie

    def _close_escalaties_of(self, termijn: Termijn, afloop: Afloop) -> None:
        for escalatie in self.open_escalaties_of(termijn):
            self.close_escalatie(escalatie, termijnen.resultaat_of(afloop).value, vertellen.about(afloop))

    # monitoring

    @property
    def fase(self) -> monitoring.Monitoringfase | None:
        """The monitoring that runs in this case, if any."""
        return monitoring.phase_of(self.toezicht, self.afspraken)

    def _plan_moment(self, termijn: Termijn) -> None:
        regel = monitoring.monitoring_rule(self.afspraken, termijn.regel_id)
        assert regel is not None, "a moment comes from a rule about monitoring"
        known = self.toezicht.momenten.get(termijn.oorsprong)
        moment = Monitormoment(termijn.oorsprong, termijn.regel_id, termijn.label, termijn.eindigt_op)
        self.keep_moment(moment if known is None else replace(known, gepland_op=termijn.eindigt_op))
        event = vertellen.gepland(moment, termijn, regel, regio=self.regio, versie=self.afspraken.versie)
        self.events.append(event)
