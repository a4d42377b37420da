"""A case that is being worked out: what it becomes, what is told of that, and why. Decides nothing by itself."""

from datetime import datetime
from uuid import UUID

from contracts.afspraken import Afspraken, Regel
from contracts.afspraken.mededelingen import Mededeling, find_mededelingen
from contracts.afspraken.stilte import find_crises
from contracts.afspraken.toepassing import Beweging, find_bewegingen
from contracts.messages.envelope import Gebeurtenis
from contracts.messages.notifier import NotificatieGevraagd
from services.monitoring.domain import berichten, mededelen, vertellen
from services.monitoring.domain.casus import Casus
from services.monitoring.domain.partijen import Partijen
from services.monitoring.domain.toestand import Escalatie, Escalatiestatus, Monitormoment, Termijn, Toezicht
from services.monitoring.domain.vertellen import FactValue, Uitleg
from services.runtime.unit.frozen import replace


class Lopend:
    """Holds the next state, the events and the explanations.

    `missers` are the terms that turn out to be missed, `ongedaan` those that turn out to have been kept after all,
    `achterhaald` what people were told and need not be told any more. `gewekt` are the timers that ran until now, that
    of this moment included. `ook_elders`: other cases tell their people the same at this moment.
    """

    def __init__(
        self, toezicht: Toezicht, *, afspraken: Afspraken, partijen: Partijen, casus_id: UUID, now: datetime
    ) -> None:
        self.toezicht = toezicht
        self.events: list[Gebeurtenis] = []
        self.uitleg: list[Uitleg] = []
        self.missers: list[Termijn] = []
        self.ongedaan: list[Termijn] = []
        self.afspraken = afspraken
        self.regio = afspraken.regio
        self.partijen = partijen
        self.casus_id = casus_id
        self.now = now
        self.achterhaald: list[UUID] = []
        self.gewekt = toezicht.wekkers
        self.ook_elders = False
        self._casus: Casus | None = None
        self._bewegingen: list[Beweging] | None = None
        self._mededelingen: list[Mededeling] | None = None

    @property
    def casus(self) -> Casus:
        """The case as it is now, as the agreements ask about it; the same one for as long as nothing changes in it."""
        if self._casus is None or self._casus.toezicht is not self.toezicht:
            self._casus = Casus(self.casus_id, self.toezicht, self.partijen)
        return self._casus

    def keep_termijn(self, termijn: Termijn) -> None:
        """Remember the term as it is now."""
        self.toezicht = replace(self.toezicht, termijnen={**self.toezicht.termijnen, termijn.id: termijn})

    def keep_escalatie(self, escalatie: Escalatie) -> None:
        """Remember the escalatie as it is now."""
        self.toezicht = replace(self.toezicht, escalaties={**self.toezicht.escalaties, escalatie.id: escalatie})

    def keep_moment(self, moment: Monitormoment) -> None:
        """Remember the moment as it is now."""
        self.toezicht = replace(self.toezicht, momenten={**self.toezicht.momenten, moment.id: moment})

    @property
    def bewegingen(self) -> list[Beweging]:
        """The movements of zicht op veiligheid that the facts give rise to."""
        return self.look_again() if self._bewegingen is None else self._bewegingen

    def look_again(self) -> list[Beweging]:
        """The same, after the facts may have changed."""
        self._bewegingen, self._mededelingen = find_bewegingen(self.casus, self.afspraken), None
        return self._bewegingen

    def mededelingen(self) -> list[Mededeling]:
        """What people are told without a term."""
        if self._mededelingen is None:
            self._mededelingen = find_mededelingen(self.casus, self.bewegingen, self.afspraken)
        return self._mededelingen

    def inform(self, *, until: datetime, gepland: bool) -> None:
        """Tell what is due: what happened at once; what time brings only once all news from before was heard."""
        found, kalender = self.mededelingen(), self.afspraken.kalender
        self._forget(found)
        now_due = [item for item in found if gepland or not item.is_gepland]
        for gelijk in mededelen.due(now_due, self.toezicht, kalender, until=until, now=self.now):
            if not mededelen.only_reminds(gelijk) or not self._is_said_beside(gelijk):
                self._inform(gelijk)

    def _inform(self, gelijk: mededelen.Gelijk) -> None:
        named = [(item.name, op) for item, op in gelijk]
        under = berichten.id_of_mededelingen(named, toezicht=self.toezicht, casus_id=self.casus_id)
        self.toezicht = mededelen.told(gelijk, self.toezicht, under)
        asked = berichten.about_mededelingen(
            gelijk,
            notificatie_id=under,
            toezicht=self.toezicht,
            crises=list(find_crises(self.casus)),
            casus_id=self.casus_id,
        )
        self.events.append(asked)
        self.uitleg += [vertellen.asked(item) for item, _ in gelijk]

    def catch_up(self) -> None:
        """Remind nobody of a moment that only now turns out to have passed, where its party is told something now.

        Such a reminder stands because history is read otherwise than before; what changed in it is what they are told.
        """
        reminders = [item for item in self.mededelingen() if mededelen.is_reread(item, self.gewekt, self.now)]
        for gelijk in mededelen.due(reminders, self.toezicht, self.afspraken.kalender, until=self.now, now=self.now):
            self._is_said_beside(gelijk)

    def _is_said_beside(self, gelijk: mededelen.Gelijk) -> bool:
        """Let what the same people are told at this moment say these reminders as well: whether there is such a message.

        It says what it says first and goes on to say what they ask; when they are told next counts from now. Of a moment
        that passed unseen nobody at that party is told, whoever there hears what changed.
        """
        first, _ = gelijk[0]
        place = self.toezicht.place_of(first.over)
        others = [
            (number, event)
            for number, event in enumerate(self.events)
            if isinstance(event, NotificatieGevraagd) and event.partij == first.partij
        ]
        for number, event in others:
            if (event.rol, (event.gemeente, event.team)) == (first.regel.rol.value, place):
                crises = list(find_crises(self.casus))
                self.events[number] = berichten.with_herinneringen(event, gelijk, toezicht=self.toezicht, crises=crises)
                break
        else:
            if not others or not all(mededelen.is_reread(item, self.gewekt, self.now) for item, _ in gelijk):
                return False
        self.toezicht = mededelen.told(gelijk, self.toezicht, None)
        self.uitleg += [vertellen.asked(item) for item, _ in gelijk]
        return True

    def _forget(self, found: list[Mededeling]) -> None:
        """What is no longer so need not leave any more; a message that says more than one thing once none of it is."""
        herinneringen = frozenset(regel.id for regel in self.afspraken.herinneringen)
        gone = mededelen.settled(found, self.toezicht, herinneringen, now=self.now)
        if gone:
            self.toezicht, messages = mededelen.taken_back(self.toezicht, gone, herinneringen)
            self.achterhaald += messages

    def tell(self, event: Gebeurtenis, uitleg: Uitleg) -> None:
        """Something that people did: what is published about it, and why it may be."""
        self.events.append(event)
        self.uitleg.append(uitleg)

    def _tell(self, event: Gebeurtenis, wat: str, termijn: Termijn, feiten: dict[str, FactValue] | None = None) -> None:
        self.events.append(event)
        self.explain(wat, termijn, feiten)

    def explain(self, wat: str, termijn: Termijn, feiten: dict[str, FactValue] | None = None) -> None:
        """Say why something holds for a term."""
        facts: dict[str, FactValue] = {
            "termijn": termijn.label,
            "begint": termijn.begint_op.isoformat(),
            "eindigt": termijn.eindigt_op.isoformat(),
        }
        self.uitleg.append(Uitleg(wat, termijn.regel_id, facts | (feiten or {})))

    def open_escalaties_of(self, termijn: Termijn) -> list[Escalatie]:
        """The escalaties about this term that somebody still climbs."""
        return [
            escalatie
            for escalatie in self.toezicht.escalaties.values()
            if escalatie.termijn_id == termijn.id and escalatie.status is not Escalatiestatus.AFGEHANDELD
        ]

    def regel_of(self, escalatie: Escalatie) -> Regel | None:
        """What was not kept or had it raised at once; or else the ladder."""
        return self.afspraken.regel(escalatie.regel_id) or self.afspraken.regel(escalatie.ladder_id)
