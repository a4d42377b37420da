"""Telling stories: line by line, each at its moment, and after the last line the promises that hold for every story."""

from collections.abc import Awaitable, Callable, Sequence

from contracts.messages.identifiers import CasusId
from contracts.messages.topics import Service
from services.monitoring.adapters import RegisterPartijen
from tests.scenarios.blijkt import as_moment
from tests.scenarios.geen_stilte import find_silences
from tests.scenarios.geheugen import InGeheugen, rule_book
from tests.scenarios.momenten import write_moment
from tests.scenarios.vertelling import KloptNiet, Verhaal, Verteller, Zaak
from tests.scenarios.wereld import Rij, Wereld


async def tell_in_memory(verhaal: Verhaal) -> None:
    """Tell one story from beginning to end in a world of its own. Raises `KloptNiet`."""
    wereld = InGeheugen(verhaal.regels[0].moment)
    verteller = Verteller(verhaal, wereld)
    for regel in verhaal.regels:
        await wereld.until(regel.moment)
        await verteller.tell(regel)
        await check_silence(verteller)
    await check_promises(verteller)


async def tell_together(
    verhalen: Sequence[Verhaal], wereld: Wereld, forget: Callable[[CasusId], Awaitable[None]]
) -> dict[str, str]:
    """Tell stories side by side in one world, in the order of their moments; `forget` the cases of what was told.

    Returns what did not hold, by the file of the story; a story that fails is told no further.
    """
    vertellers = {verhaal.bestand: Verteller(verhaal, wereld) for verhaal in verhalen}
    failed: dict[str, str] = {}
    lines = [
        (regel.moment, verhaal.bestand, number, regel)
        for verhaal in verhalen
        for number, regel in enumerate(verhaal.regels)
    ]
    for moment, bestand, _, regel in sorted(lines, key=lambda line: line[:3]):
        if bestand in failed:
            continue
        await wereld.until(moment)
        try:
            await vertellers[bestand].tell(regel)
            await check_silence(vertellers[bestand])
            if regel is vertellers[bestand].verhaal.regels[-1]:
                await check_promises(vertellers[bestand])
        except KloptNiet as error:
            failed[bestand] = str(error)
        if bestand in failed or regel is vertellers[bestand].verhaal.regels[-1]:
            for zaak in vertellers[bestand].zaken.values():
                await forget(zaak.casus_id)
    return failed


async def check_promises(verteller: Verteller) -> None:
    """What a story need not say: nothing was left unmentioned, lost, without a bearer, or past its moment unseen."""
    bestand = verteller.verhaal.bestand
    if verteller.onbesproken is not None:
        raise KloptNiet(f"{bestand}: werd onverwacht geweigerd: {verteller.onbesproken.redenen}")
    for name, zaak in verteller.zaken.items():
        where = f"{bestand}{f' (casus {name})' if name else ''}"
        if reasons := await verteller.wereld.set_aside(zaak.casus_id):
            raise KloptNiet(f"{where}: berichten zijn terzijde gelegd: {'; '.join(reasons)}")
        if not zaak.is_signaal:
            await _check_zicht(verteller, zaak, where)
        await _check_termijnen(verteller, zaak, where)


async def check_silence(verteller: Verteller) -> None:
    """In every open case whoever bears zicht was told, and something is still to come (G10)."""
    wereld, bestand = verteller.wereld, verteller.verhaal.bestand
    for name, zaak in verteller.zaken.items():
        if (toezicht := await wereld.toezicht(zaak.casus_id)) is None:
            continue
        household = (zaak.casus_id, *map(CasusId, toezicht.huishouden))
        notificaties = [row for casus in household for row in await wereld.rows(Service.NOTIFIER, "notificatie", casus)]
        partijen = RegisterPartijen(wereld.register)
        others = [other for casus in household[1:] if (other := await wereld.toezicht(casus)) is not None]
        for stilte in find_silences(
            zaak.casus_id,
            toezicht,
            notificaties,
            others=others,
            partijen=partijen,
            rule_book=rule_book(),
            now=wereld.now(),
        ):
            raise KloptNiet(f"{bestand}{f' (casus {name})' if name else ''}: stilte: {stilte}")


async def _check_zicht(verteller: Verteller, zaak: Zaak, where: str) -> None:
    """From the melding to the closure of the case one party bears it, never none and never two (G3)."""
    rows = await verteller.wereld.rows(Service.MONITORING, "casus", zaak.casus_id)
    if not rows:
        raise KloptNiet(f"{where}: de termijnbewaking kent de casus niet")
    ledger = await verteller.wereld.rows(Service.MONITORING, "zicht", zaak.casus_id)
    lines = sorted((row for row in ledger if not row["vervangen"]), key=lambda row: as_moment(row["vanaf"]))
    began = as_moment(rows[0]["melding_ontvangen_op"])
    if not lines or as_moment(lines[0]["vanaf"]) > began:
        raise KloptNiet(f"{where}: niemand droeg zicht op veiligheid vanaf {write_moment(began)}")
    closed = rows[0]["gesloten_op"]
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        _check_line(line, following, where)
        if line["partij"] is None and (closed is None or as_moment(line["vanaf"]) < as_moment(closed)):
            raise KloptNiet(f"{where}: niemand droeg zicht vanaf {write_moment(as_moment(line['vanaf']))}")


def _check_line(line: Rij, following: Rij | None, where: str) -> None:
    ends = None if line["geldt_tot"] is None else as_moment(line["geldt_tot"])
    if ends != (None if following is None else as_moment(following["vanaf"])):
        raise KloptNiet(f"{where}: gat of overlap in zicht op veiligheid na {line['regel_id']}")


async def _check_termijnen(verteller: Verteller, zaak: Zaak, where: str) -> None:
    """Every termijn whose moment has come was met or noted as missed (G4)."""
    now = verteller.wereld.now()
    for row in await verteller.wereld.rows(Service.MONITORING, "termijn", zaak.casus_id):
        if row["status"] == "lopend" and as_moment(row["eindigt_op"]) <= now:
            raise KloptNiet(f"{where}: termijn {row['regel_id']} had moeten verstrijken")
