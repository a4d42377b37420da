"""What can be seen in a story: the sentences of `dan`."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.messages.identifiers import CasusId
from contracts.messages.notifier import NotificatieGevraagd, NotificatieUrgentie, NotificatieVerzonden
from contracts.messages.topics import Service
from contracts.messages.triage import HermeldingHerkend, SamenloopGesignaleerd
from services.notifier.domain import Zendingstatus
from tests.scenarios.handelen import gemeente, overdracht_of, partij, veilig_thuis
from tests.scenarios.momenten import GeenMoment, read_moment, write_moment
from tests.scenarios.vertelling import KloptNiet, Regel, Verteller, Zaak
from tests.scenarios.wereld import Rij
from tests.scenarios.woordenschat import Woordenschat

BLIJKT: Woordenschat[Callable[[Verteller, Regel], Awaitable[None]]] = Woordenschat()

DRAGERS = {
    "Veilig Thuis": "veilig-thuis",
    "het lokale team": "lokaal-team",
    "het meldpunt": "meldpunt",
    "de Raad voor de Kinderbescherming": "raad-voor-de-kinderbescherming",
    "een andere partij": "ketenpartner",
    "niemand": None,
}
_STATUS = {
    "loopt": "lopend",
    "is gehaald": "gehaald",
    "is verstreken": "verstreken",
    "is te laat gehaald": "te-laat-gehaald",
    "is vervallen": "vervallen",
}
_AFLEVERING = {
    "is onderweg": "onderweg",
    "is afgeleverd": "afgeleverd",
    "is ontvangen": "ontvangen",
    "is opgepakt": "opgepakt",
    "is teruggekoppeld": "teruggekoppeld",
    "is gestagneerd": "gestagneerd",
    "is geweigerd": "geweigerd",
    "is afgewezen": "afgewezen",
    "is ingetrokken": "ingetrokken",
}


def expect(holds: bool, otherwise: str) -> None:  # noqa: FBT001  a condition, not a switch
    """Raise `KloptNiet` unless this holds."""
    if not holds:
        raise KloptNiet(otherwise)


# --- zicht op veiligheid ----------------------------------------------------------------------------------------------


@BLIJKT.zin(
    f"zicht op veiligheid ligt bij <drager:{'|'.join(DRAGERS)}>[ van <gemeente>]",
    "zicht op veiligheid ligt bij de ketenpartner <ketenpartner>",
    velden="terug",
)
async def zicht(verteller: Verteller, regel: Regel) -> None:
    """At the moment of this line, which may lie before the line above it: the ledger is asked."""
    casus_id = verteller.zaak(regel).casus_id
    found = await verteller.wereld.zicht(casus_id, regel.gevraagd_op, als=veilig_thuis(verteller))
    expect(found is not None, "er was nog geen melding")
    assert found is not None
    drager, bearer = found
    wanted = "ketenpartner" if "ketenpartner" in regel.gaten else DRAGERS[regel.gaten["drager"]]
    expect(drager == wanted, f"het ligt bij {drager} ({bearer})")
    if "ketenpartner" in regel.gaten:
        expect(bearer == partij(verteller, regel.gaten["ketenpartner"]), f"het ligt bij {bearer}")
    if "gemeente" in regel.gaten:
        expect(bearer == gemeente(verteller, regel.gaten["gemeente"]), f"het ligt bij {bearer}")


@BLIJKT.zin("zicht op veiligheid ging over door <afspraak>")
async def zicht_rule(verteller: Verteller, regel: Regel) -> None:
    """The agreement behind the last line of the ledger, by the name it has in the afspraken."""
    ledger = await verteller.rows(Service.MONITORING, "zicht", regel)
    (last,) = [row for row in ledger if not row["vervangen"] and row["geldt_tot"] is None]
    expect(last["regel_id"] == regel.gaten["afspraak"], f"het ging over door {last['regel_id']}")


# --- termijnen --------------------------------------------------------------------------------------------------------


@BLIJKT.zin(f"termijn <termijn> <status:{'|'.join(_STATUS)}>")
async def termijn_status(verteller: Verteller, regel: Regel) -> None:
    row = await _termijn(verteller, regel)
    expect(row["status"] == _STATUS[regel.gaten["status"]], f"de termijn is {row['status']}")


@BLIJKT.zin("termijn <termijn> eindigt <wanneer>")
async def termijn_end(verteller: Verteller, regel: Regel) -> None:
    """`24:00` is the end of a day: until then it is in time."""
    row = await _termijn(verteller, regel)
    try:
        wanted = read_moment(regel.gaten["wanneer"]).astimezone(UTC)
    except GeenMoment as error:
        raise KloptNiet(str(error)) from None
    found = as_moment(row["eindigt_op"])
    expect(found == wanted, f"de termijn eindigt {write_moment(found)}")


@BLIJKT.zin("er is geen termijn <termijn>")
async def no_termijn(verteller: Verteller, regel: Regel) -> None:
    rows = await verteller.rows(Service.MONITORING, "termijn", regel)
    expect(all(row["regel_id"] != regel.gaten["termijn"] for row in rows), "die termijn is er wel")


@BLIJKT.zin("de verantwoordelijke voor termijn <termijn> is <drager>")
async def termijn_owner(verteller: Verteller, regel: Regel) -> None:
    row = await _termijn(verteller, regel)
    wanted = DRAGERS.get(regel.gaten["drager"], regel.gaten["drager"].removeprefix("de "))
    expect(row["verantwoordelijke"] == wanted, f"dat is {row['verantwoordelijke']}")


# --- escalaties en berichten ------------------------------------------------------------------------------------------


@BLIJKT.zin("de escalatie over <onderwerp> staat op trede <trede:[0-9]+>, bij de <rol> van <wie>")
async def escalatie_rung(verteller: Verteller, regel: Regel) -> None:
    row = await _escalatie(verteller, regel)
    found = (row["trede"], row["rol"], row["bij"])
    wanted = (int(regel.gaten["trede"]), regel.gaten["rol"], partij(verteller, regel.gaten["wie"]))
    expect(row["status"] != "afgehandeld", "de escalatie is afgehandeld")
    expect(found == wanted, f"de escalatie staat op trede {found[0]}, bij de {found[1]} van {found[2]}")


@BLIJKT.zin("de escalatie over <onderwerp> is <status:open|opgepakt>")
async def escalatie_status(verteller: Verteller, regel: Regel) -> None:
    row = await _escalatie(verteller, regel)
    expect(row["status"] == regel.gaten["status"], f"de escalatie is {row['status']}")


@BLIJKT.zin("de escalatie over <onderwerp> is afgehandeld: <resultaat>")
async def escalatie_closed(verteller: Verteller, regel: Regel) -> None:
    row = await _escalatie(verteller, regel)
    expect(row["status"] == "afgehandeld", f"de escalatie is {row['status']}")
    expect(row["resultaat"] == regel.gaten["resultaat"].replace(" ", "-"), f"het resultaat is {row['resultaat']}")


@BLIJKT.zin("er is geen escalatie[ over <onderwerp>]")
async def no_escalatie(verteller: Verteller, regel: Regel) -> None:
    rows = await verteller.rows(Service.MONITORING, "escalatie", regel)
    found = [row["regel_id"] for row in rows if regel.gat("onderwerp") in {None, row["regel_id"]}]
    expect(not found, f"er is een escalatie over {', '.join(found)}")


@BLIJKT.zin(
    "de <rol> van <wie> heeft <aantal:geen|een|twee|drie> bericht[en] gekregen",
    "de <rol> van <wie> heeft bericht gekregen",
    "de <rol> van <wie> heeft <aantal:geen|een|twee|drie> bericht[en] gekregen: <onderwerp>",
    "de <rol> van <wie> heeft bericht gekregen: <onderwerp>",
)
async def told(verteller: Verteller, regel: Regel) -> None:
    """That a message left for the people of a role: one message, however many people and channels.

    With a subject only those messages of which that is the subject. One that waits a moment for what leaves with it counts,
    and so does what is not urgent once it lies ready for when they read it: a story is about the agreements, not about
    the night.
    """
    events = await verteller.wereld.events(verteller.zaak(regel).casus_id)
    code, rol = partij(verteller, regel.gaten["wie"]), regel.gaten["rol"]
    about = {event.notificatie_id: event.onderwerp for event in events if isinstance(event, NotificatieGevraagd)}
    onderwerp = regel.gat("onderwerp")
    sent = {
        event.notificatie_id
        for event in events
        if isinstance(event, NotificatieVerzonden) and (event.partij, event.rol) == (code, rol)
        if onderwerp is None or about.get(event.notificatie_id) == onderwerp
    }
    together = {str(event.notificatie_id) for event in events if isinstance(event, NotificatieGevraagd) and event.samen}
    rows = await verteller.rows(Service.NOTIFIER, "notificatie", regel)
    sent |= {
        UUID(str(row["notificatie_id"]))
        for row in rows
        if (row["partij"], row["rol"], row["status"]) == (code, rol, Zendingstatus.OPEN.value)
        if str(row["notificatie_id"]) in together or row["urgentie"] == NotificatieUrgentie.GEWOON
        if onderwerp in {None, row["onderwerp"]}
    }
    number = {"geen": 0, "een": 1, "twee": 2, "drie": 3}.get(regel.gat("aantal") or "")
    expect(bool(sent) if number is None else len(sent) == number, f"het zijn er {len(sent)}")


# --- triage -----------------------------------------------------------------------------------------------------------


@BLIJKT.zin("het triageadvies is <advies:directe overdracht|dienst|afstemmen ggz|overleg>[ wegens <regels>]")
async def advies(verteller: Verteller, regel: Regel) -> None:
    row = await _melding(verteller, regel)
    found = row["triageadvies"]
    expect(found["advies"] == regel.gaten["advies"].replace(" ", "-"), f"het advies is {found['advies']}")
    if "regels" in regel.gaten:
        reasons = [reden["regelId"] for reden in found["redenen"]]
        expect(reasons == regel.gaten["regels"].split(", "), f"de redenen zijn {', '.join(reasons)}")


@BLIJKT.zin("professionals moeten nog oordelen over <regels>", "professionals hoeven niets te beoordelen")
async def to_judge(verteller: Verteller, regel: Regel) -> None:
    row = await _melding(verteller, regel)
    found = [item["regelId"] for item in row["triageadvies"]["teBeoordelen"]]
    wanted = regel.gaten["regels"].split(", ") if "regels" in regel.gaten else []
    expect(found == wanted, f"te beoordelen is {', '.join(found) or 'niets'}")


@BLIJKT.zin("de melding staat op <status>")
async def melding_status(verteller: Verteller, regel: Regel) -> None:
    row = await _melding(verteller, regel)
    expect(row["status"] == regel.gaten["status"].replace(" ", "-"), f"de melding staat op {row['status']}")


@BLIJKT.zin("de hermelding is herkend")
async def hermelding(verteller: Verteller, regel: Regel) -> None:
    events = await verteller.wereld.events(verteller.zaak(regel).casus_id)
    expect(any(isinstance(event, HermeldingHerkend) for event in events), "er is geen hermelding herkend")


@BLIJKT.zin("er is geen hermelding herkend")
async def no_hermelding(verteller: Verteller, regel: Regel) -> None:
    events = await verteller.wereld.events(verteller.zaak(regel).casus_id)
    expect(not any(isinstance(event, HermeldingHerkend) for event in events), "er is een hermelding herkend")


@BLIJKT.zin("samenloop is gesignaleerd")
async def samenloop(verteller: Verteller, regel: Regel) -> None:
    events = await verteller.wereld.events(verteller.zaak(regel).casus_id)
    expect(any(isinstance(event, SamenloopGesignaleerd) for event in events), "er is geen samenloop gesignaleerd")


# --- overdracht -------------------------------------------------------------------------------------------------------


@BLIJKT.zin(f"de overdracht[ aan <gemeente>] <status:{'|'.join(_AFLEVERING)}>")
async def overdracht_status(verteller: Verteller, regel: Regel) -> None:
    row = await overdracht_of(verteller, regel, regel.gat("gemeente"))
    wanted = _AFLEVERING[regel.gaten["status"]]
    expect(row["status"] == wanted, f"de overdracht is {row['status']}")


@BLIJKT.zin("de betrokkenen zijn geïnformeerd", "de betrokkenen zijn <niet:nog niet> geïnformeerd")
async def betrokkenen_informed(verteller: Verteller, regel: Regel) -> None:
    rows = await verteller.rows(Service.HANDOVER, "overdracht", regel)
    told = [row for row in rows if row["betrokkenen_geinformeerd_op"] is not None]
    expect(bool(told) != ("niet" in regel.gaten), f"dat geldt voor {len(told)} van {len(rows)} overdrachten")


@BLIJKT.zin("de melder is geïnformeerd")
async def melder_informed(verteller: Verteller, regel: Regel) -> None:
    (row,) = await verteller.rows(Service.TRIAGE, "melding", regel)
    expect(row["melder_geinformeerd_op"] is not None, "dat is niet vastgelegd")


@BLIJKT.zin("er <hoeveel:is|zijn> <aantal:geen|een|twee|drie> overdracht[en]")
async def number_of_overdrachten(verteller: Verteller, regel: Regel) -> None:
    rows = await verteller.rows(Service.HANDOVER, "overdracht", regel)
    number = {"geen": 0, "een": 1, "twee": 2, "drie": 3}[regel.gaten["aantal"]]
    expect(len(rows) == number, f"het zijn er {len(rows)}")


# --- de casus ---------------------------------------------------------------------------------------------------------


@BLIJKT.zin("de casus is gesloten")
async def closed(verteller: Verteller, regel: Regel) -> None:
    expect((await _casus(verteller, regel))["gesloten_op"] is not None, "de casus is open")


@BLIJKT.zin("de casus is open")
async def still_open(verteller: Verteller, regel: Regel) -> None:
    expect((await _casus(verteller, regel))["gesloten_op"] is None, "de casus is gesloten")


@BLIJKT.zin("op de casus zijn de afspraken <versie> van toepassing")
async def afspraken(verteller: Verteller, regel: Regel) -> None:
    found = str((await _casus(verteller, regel))["afspraken_versie"])
    wanted = regel.gaten["versie"]
    expect(found.startswith(wanted), f"van toepassing zijn {found}")


@BLIJKT.zin("<wie:het lokale team> leest mee in de casus", "<wie:het lokale team> leest <niet:niet> mee in de casus")
async def reads(verteller: Verteller, regel: Regel) -> None:
    """Whether this party may read what monitoring knows of the case now, by the table of rights."""
    lezers = (await _casus(verteller, regel))["lezers"]
    code = partij(verteller, regel.gaten["wie"])
    expect((code in lezers) != ("niet" in regel.gaten), f"de lezers zijn {', '.join(lezers)}")


# --- monitoring, dwang, signalen --------------------------------------------------------------------------------------


@BLIJKT.zin("er <hoeveel:is|zijn> <aantal:geen|een|twee|drie> monitormoment[en] gepland")
async def number_of_moments(verteller: Verteller, regel: Regel) -> None:
    """Moments that still have to be held."""
    rows = await verteller.rows(Service.MONITORING, "monitormoment", regel)
    found = [row for row in rows if row["gehouden_op"] is None and row["status"] != "vervallen"]
    number = {"geen": 0, "een": 1, "twee": 2, "drie": 3}[regel.gaten["aantal"]]
    expect(len(found) == number, f"het zijn er {len(found)}")


@BLIJKT.zin(f"het initiatief lag bij <drager:{'|'.join(DRAGERS)}>")
async def initiative(verteller: Verteller, regel: Regel) -> None:
    """After a dwangmaatregel: whose initiative the agreements say it was (MB 6)."""
    assert verteller.antwoord is not None
    found = verteller.antwoord.inhoud.get("initiatief")
    expect(found == DRAGERS[regel.gaten["drager"]], f"het initiatief lag bij {found}")


@BLIJKT.zin("er is een structureel signaal over <wie>", "er is geen structureel signaal")
async def signaal(verteller: Verteller, regel: Regel) -> None:
    """With `casus` the signal gets a name, by which its termijn and its answer are told."""
    rows = await verteller.wereld.signalen(verteller.verhaal.gemeente)
    found = [row for row in rows if row["afgegeven_op"] is not None]
    if "wie" not in regel.gaten:
        expect(not found, f"er is een signaal over {', '.join(str(row['over']) for row in found)}")
        return
    wanted = partij(verteller, regel.gaten["wie"])
    about = [row for row in found if row["over"] == wanted]
    expect(bool(about), f"er is geen signaal over {wanted}")
    _name_signaal(verteller, regel, latest(about, "afgegeven_op"))


@BLIJKT.zin("er staat een structureel signaal klaar over <wie>, te versturen door <melder>")
async def concept(verteller: Verteller, regel: Regel) -> None:
    """Drafted, with what it rests on, and not sent. With `casus` it gets a name."""
    rows = await verteller.wereld.signalen(verteller.verhaal.gemeente)
    wanted = partij(verteller, regel.gaten["wie"])
    about = [
        row for row in rows if row["over"] == wanted and row["afgegeven_op"] is None and row["vervallen_op"] is None
    ]
    expect(bool(about), f"er staat geen signaal klaar over {wanted}")
    row = latest(about, "opgesteld_op")
    expect(row["meldt"] == partij(verteller, regel.gaten["melder"]), f"het is te versturen door {row['meldt']}")
    expect(len(row["bewijs"]) == row["aantal"], "er staat niet bij waarop het rust")
    _name_signaal(verteller, regel, row)


def _name_signaal(verteller: Verteller, regel: Regel, row: Rij) -> None:
    casus_id = CasusId(UUID(str(row["casus_id"])))
    verteller.zaken[regel.casus or "signaal"] = Zaak(casus_id, verteller.verhaal.gemeente, is_signaal=True)


# --- geweigerd, of niets nieuws ---------------------------------------------------------------------------------------


@BLIJKT.zin("geweigerd omdat <reden>")
async def refused(verteller: Verteller, regel: Regel) -> None:
    """What came just before was not done; `<reden>` is part of what whoever asked was told."""
    antwoord, verteller.onbesproken = verteller.onbesproken or verteller.antwoord, None
    expect(antwoord is not None and not antwoord.gelukt, "het werd niet geweigerd")
    assert antwoord is not None
    expect(regel.gaten["reden"].lower() in antwoord.redenen.lower(), f"de reden was: {antwoord.redenen}")


@BLIJKT.zin("er is niets nieuws gebeurd")
async def nothing_new(verteller: Verteller, regel: Regel) -> None:
    """Since all messages came once more: no event that was not there before."""
    events = await verteller.wereld.events(verteller.zaak(regel).casus_id)
    expect(verteller.geteld is not None, "deze zin hoort na: alle berichten van de casus komen nog een keer aan")
    number = len({repr(event) for event in events})
    expect(number == verteller.geteld, f"er zijn {number} gebeurtenissen, het waren er {verteller.geteld}")


@BLIJKT.zin("het is dezelfde casus")
async def same_case(verteller: Verteller, regel: Regel) -> None:
    """The answer to a repetition names the case that there already was."""
    assert verteller.antwoord is not None
    found = verteller.antwoord.inhoud.get("casusId")
    expect(found == str(verteller.zaak(regel).casus_id), f"het is casus {found}")


# --- wat zij delen ----------------------------------------------------------------------------------------------------


def as_moment(value: Any) -> datetime:
    """A column of a read table, from memory (text) or from the database."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found.astimezone(UTC)


def latest(rows: Sequence[Rij], column: str) -> Rij:
    """The row with the last moment in this column."""
    return max(rows, key=lambda row: as_moment(row[column]))


async def _termijn(verteller: Verteller, regel: Regel) -> Rij:
    """The termijn of this rule that began last; one that a correction replaced is history."""
    every = await verteller.rows(Service.MONITORING, "termijn", regel)
    rows = [row for row in every if row["vervangen_door"] is None]
    found = [row for row in rows if row["regel_id"] == regel.gaten["termijn"]]
    known = ", ".join(sorted({str(row["regel_id"]) for row in rows}))
    expect(bool(found), f"die termijn is er niet; wel {known or 'geen enkele'}")
    return latest(found, "begint_op")


async def _escalatie(verteller: Verteller, regel: Regel) -> Rij:
    """The last escalatie about this rule."""
    rows = await verteller.rows(Service.MONITORING, "escalatie", regel)
    found = [row for row in rows if row["regel_id"] == regel.gaten["onderwerp"]]
    known = ", ".join(sorted({str(row["regel_id"]) for row in rows}))
    expect(bool(found), f"die escalatie is er niet; wel over {known or 'niets'}")
    return latest(found, "gestart_op")


async def _melding(verteller: Verteller, regel: Regel) -> Rij:
    rows = await verteller.rows(Service.TRIAGE, "melding", regel)
    expect(bool(rows), "Veilig Thuis heeft geen melding")
    return rows[0]


async def _casus(verteller: Verteller, regel: Regel) -> Rij:
    rows = await verteller.rows(Service.MONITORING, "casus", regel)
    expect(bool(rows), "de casus is er niet")
    return rows[0]
