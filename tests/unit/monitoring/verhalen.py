"""The events of one case that is handed over, with moments of choice."""

from datetime import datetime
from typing import TypedDict
from uuid import UUID

from contracts.messages.documenten import Bron, Urgentie
from contracts.messages.handover import (
    AfleveringGestagneerd,
    Contactwijze,
    Kanaal,
    OntvangstBevestigd,
    OverdrachtAangemaakt,
    OverdrachtAfgeleverd,
    OverdrachtGeweigerd,
    OverdrachtIngetrokken,
    OverdrachtOpgepakt,
    Overdrachtsoort,
    OverdrachtTeruggekoppeld,
    Terugkoppelcriterium,
    VbsContactGelegd,
    VbsEersteContact,
    VbsGevraagd,
    VbsUrgentie,
    VbsVerdeeld,
    Weigeringscode,
)
from contracts.messages.triage import (
    Besluit,
    DienstAfgerond,
    DienstGestart,
    Dienstsoort,
    MeldingOntvangen,
    MeldpuntmeldingOntvangen,
    MeldpuntmeldingOvergenomen,
    MeldpuntUitkomst,
    TriagebesluitGenomen,
    WarmeOverdrachtGehouden,
)
from contracts.messages.verzegeld import Verzegeld
from tests.builders.events import SEALED

MELDING = UUID("00000000-0000-7000-8000-00000000000a")
BESLUIT = UUID("00000000-0000-7000-8000-00000000000b")
OVERDRACHT = UUID("00000000-0000-7000-8000-00000000000c")
MELDPUNT = UUID("00000000-0000-7000-8000-00000000000f")
DIENST = UUID("00000000-0000-7000-8000-0000000000d1")
SAMENWERKING = UUID("00000000-0000-7000-8000-0000000000d2")


def at(text: str) -> datetime:
    """A moment in 2026 in Tilburg before the summer time: `03-02 09:00`."""
    return datetime.fromisoformat(f"2026-{text.replace(' ', 'T')}:00+01:00")


ONTVANGEN = at("03-02 09:00")


class Verhaal:
    """Builds the events of a case of one region and gemeente; with `partij` its overdrachten go to that party."""

    def __init__(self, *, regio: str = "west-brabant", gemeente: str = "GM0758", partij: str | None = None) -> None:
        self.regio = regio
        self.gemeente = gemeente
        self.partij = partij

    def melding(self, op: datetime = ONTVANGEN) -> MeldingOntvangen:
        return MeldingOntvangen(
            melding_id=MELDING,
            regio=self.regio,
            gemeente=self.gemeente,
            bron=Bron.POLITIE,
            urgentie=Urgentie.REGULIER,
            ontvangen_op=op,
            melder_anoniem=False,
            aantal_betrokkenen=3,
            minderjarigen_betrokken=True,
            persoonsgegevens=Verzegeld(SEALED),
        )

    def besluit(
        self,
        op: datetime,
        besluit: Besluit = Besluit.DIRECTE_OVERDRACHT,
        *,
        besluit_id: UUID = BESLUIT,
    ) -> TriagebesluitGenomen:
        return TriagebesluitGenomen(
            triagebesluit_id=besluit_id,
            melding_id=MELDING,
            regio=self.regio,
            gemeente=self.gemeente,
            melding_ontvangen_op=ONTVANGEN,
            besluit=besluit,
            genomen_op=op,
            genomen_door=Verzegeld(SEALED),
            functie="triagist",
            wijkt_af_van_advies=False,
        )

    def aangemaakt(
        self,
        op: datetime,
        *,
        overdracht_id: UUID = OVERDRACHT,
        soort: Overdrachtsoort = Overdrachtsoort.DIRECT,
    ) -> OverdrachtAangemaakt:
        return OverdrachtAangemaakt(
            overdracht_id=overdracht_id,
            melding_id=MELDING,
            regio=self.regio,
            gemeente=self.gemeente,
            partij=self.partij,
            overdrachtsoort=soort,
            kanaal=Kanaal.REST,
            melding_ontvangen_op=ONTVANGEN,
            aangemaakt_op=op,
        )

    def afgeleverd(
        self,
        op: datetime,
        *,
        overdracht_id: UUID = OVERDRACHT,
        soort: Overdrachtsoort = Overdrachtsoort.DIRECT,
    ) -> OverdrachtAfgeleverd:
        return OverdrachtAfgeleverd(
            overdracht_id=overdracht_id,
            regio=self.regio,
            gemeente=self.gemeente,
            partij=self.partij,
            overdrachtsoort=soort,
            kanaal=Kanaal.REST,
            melding_ontvangen_op=ONTVANGEN,
            afgeleverd_op=op,
            pogingen=1,
        )

    def gestagneerd(
        self,
        op: datetime,
        *,
        blijvend: bool = False,
        overdracht_id: UUID = OVERDRACHT,
        soort: Overdrachtsoort = Overdrachtsoort.DIRECT,
    ) -> AfleveringGestagneerd:
        return AfleveringGestagneerd(
            overdracht_id=overdracht_id,
            regio=self.regio,
            gemeente=self.gemeente,
            partij=self.partij,
            overdrachtsoort=soort,
            kanaal=Kanaal.REST,
            melding_ontvangen_op=ONTVANGEN,
            gestagneerd_op=op,
            pogingen=12,
            reden="HTTP 503",
            blijvend=blijvend,
        )

    def bevestigd(self, op: datetime, *, overdracht_id: UUID = OVERDRACHT) -> OntvangstBevestigd:
        return OntvangstBevestigd(
            overdracht_id=overdracht_id,
            regio=self.regio,
            gemeente=self.gemeente,
            partij=self.partij,
            melding_ontvangen_op=ONTVANGEN,
            bevestigd_op=op,
            bevestigd_door=self.partij or self.gemeente,
        )

    def opgepakt(self, op: datetime, *, overdracht_id: UUID = OVERDRACHT) -> OverdrachtOpgepakt:
        return OverdrachtOpgepakt(
            overdracht_id=overdracht_id,
            regio=self.regio,
            gemeente=self.gemeente,
            partij=self.partij,
            melding_ontvangen_op=ONTVANGEN,
            opgepakt_op=op,
            opgepakt_door=self.partij or self.gemeente,
        )

    def teruggekoppeld(self, op: datetime, *, overdracht_id: UUID = OVERDRACHT) -> OverdrachtTeruggekoppeld:
        return OverdrachtTeruggekoppeld(
            overdracht_id=overdracht_id,
            melding_id=MELDING,
            regio=self.regio,
            gemeente=self.gemeente,
            partij=self.partij,
            melding_ontvangen_op=ONTVANGEN,
            teruggekoppeld_op=op,
            teruggekoppeld_door=self.partij or self.gemeente,
            criteria=(Terugkoppelcriterium.ZORGEN_GROTER,),
            formulier=Verzegeld(SEALED),
        )

    def geweigerd(self, op: datetime, *, overdracht_id: UUID = OVERDRACHT) -> OverdrachtGeweigerd:
        return OverdrachtGeweigerd(
            overdracht_id=overdracht_id,
            melding_id=MELDING,
            regio=self.regio,
            gemeente=self.gemeente,
            partij=self.partij,
            melding_ontvangen_op=ONTVANGEN,
            geweigerd_op=op,
            geweigerd_door=self.partij or self.gemeente,
            code=Weigeringscode.GEEN_INWONER,
        )

    def ingetrokken(self, op: datetime, *, overdracht_id: UUID = OVERDRACHT) -> OverdrachtIngetrokken:
        return OverdrachtIngetrokken(
            overdracht_id=overdracht_id,
            melding_id=MELDING,
            regio=self.regio,
            gemeente=self.gemeente,
            partij=self.partij,
            melding_ontvangen_op=ONTVANGEN,
            ingetrokken_op=op,
            ingetrokken_door=f"veilig-thuis-{self.regio}",
        )

    def bij_meldpunt(self, op: datetime, *, crisis: bool, vermoeden: bool = True) -> MeldpuntmeldingOntvangen:
        return MeldpuntmeldingOntvangen(
            meldpuntmelding_id=MELDPUNT,
            regio=self.regio,
            gemeente=self.gemeente,
            crisis=crisis,
            vermoeden_hgkm=vermoeden,
            uitkomst=MeldpuntUitkomst.VEILIG_THUIS,
            ontvangen_op=op,
            gegevens=Verzegeld(SEALED),
        )

    def overgenomen(self, op: datetime) -> MeldpuntmeldingOvergenomen:
        door = f"veilig-thuis-{self.regio}"
        return MeldpuntmeldingOvergenomen(meldpuntmelding_id=MELDPUNT, regio=self.regio, door=door, overgenomen_op=op)

    def dienst(self, op: datetime) -> DienstGestart:
        return DienstGestart(
            dienst_id=DIENST,
            melding_id=MELDING,
            dienstsoort=Dienstsoort.VOORWAARDEN_VERVOLG,
            regio=self.regio,
            gemeente=self.gemeente,
            melding_ontvangen_op=ONTVANGEN,
            gestart_op=op,
        )

    def dienst_klaar(self, op: datetime) -> DienstAfgerond:
        return DienstAfgerond(
            dienst_id=DIENST,
            melding_id=MELDING,
            dienstsoort=Dienstsoort.VOORWAARDEN_VERVOLG,
            regio=self.regio,
            gemeente=self.gemeente,
            melding_ontvangen_op=ONTVANGEN,
            afgerond_op=op,
        )

    def warm(self, op: datetime) -> WarmeOverdrachtGehouden:
        return WarmeOverdrachtGehouden(
            dienst_id=DIENST,
            melding_id=MELDING,
            regio=self.regio,
            gemeente=self.gemeente,
            partij=self.partij,
            melding_ontvangen_op=ONTVANGEN,
            gehouden_op=op,
        )

    def vbs(self, op: datetime, urgentie: VbsUrgentie = VbsUrgentie.REGULIER) -> VbsGevraagd:
        return VbsGevraagd(**self._samen(), urgentie=urgentie, gevraagd_op=op)

    def vbs_verdeeld(self, op: datetime) -> VbsVerdeeld:
        return VbsVerdeeld(**self._samen(), verdeeld_op=op, verdeeld_door=self.gemeente)

    def vbs_eerste_contact(self, op: datetime) -> VbsEersteContact:
        return VbsEersteContact(**self._samen(), contact_op=op, gemeld_door=self.gemeente)

    def vbs_contact(self, op: datetime) -> VbsContactGelegd:
        wijze = Contactwijze.HUISBEZOEK
        return VbsContactGelegd(**self._samen(), contact_op=op, wijze=wijze, gemeld_door=self.gemeente)

    def _samen(self) -> "Samen":
        return Samen(
            samenwerking_id=SAMENWERKING,
            dienst_id=DIENST,
            regio=self.regio,
            gemeente=self.gemeente,
            melding_ontvangen_op=ONTVANGEN,
        )


class Samen(TypedDict):
    """What every event of verbindend samenwerken says."""

    samenwerking_id: UUID
    dienst_id: UUID
    regio: str
    gemeente: str
    melding_ontvangen_op: datetime
