"""Zicht op veiligheid turns out to lie elsewhere than people were told, by a correction or a word taken back: both hear it."""

from collections.abc import Iterator

from contracts.afspraken.model import Zichtbericht
from services.monitoring.domain.berichten import Boodschap, about_casus
from services.monitoring.domain.mededelen import is_known
from services.monitoring.domain.toestand import Feit, Overgang, Toezicht
from services.monitoring.domain.verloop import Verloop
from services.monitoring.domain.vertellen import ASKED, Uitleg
from services.monitoring.domain.zicht import zicht_at

GECORRIGEERD = (
    "Het moment van iets in deze casus is gecorrigeerd. Daardoor blijkt zicht op veiligheid nu ergens anders te liggen."
)
TERUGGENOMEN = (
    "Wie meldde dat een andere partij overnam, neemt dat terug. Zicht op veiligheid ligt weer bij wie het daarvoor had."
)


def tell_shift(verloop: Verloop, before: Toezicht, feit: Feit, *, waarom: str = GECORRIGEERD) -> None:
    """Tell who bore it as was thought (in `before`) and who turns out to, now that this fact was put right.

    When zicht goes over after that, it is told anew at that moment; who is told so by the agreements is not told twice.
    """
    was, line = (zicht_at(toezicht.zicht, verloop.now) for toezicht in (before, verloop.toezicht))
    if was is None or line is None or was.partij == line.partij:
        return
    for regel, partij in _told(verloop, before, was, line):
        boodschap = Boodschap(
            "zicht-na-correctie",
            f"{regel.id}:{feit.anker}:{feit.onderwerp_id}:{verloop.now.isoformat()}",
            regel.label,
            f"{waarom} {regel.gevraagd}",
            urgentie=regel.urgentie,
        )
        message = about_casus(
            boodschap,
            partij=partij,
            rol=regel.rol,
            toezicht=verloop.toezicht,
            casus_id=verloop.casus_id,
            regel=regel,
        )
        verloop.tell(message, Uitleg(ASKED, regel.id, {"partij": partij, "rol": regel.rol.value}))


def _told(verloop: Verloop, before: Toezicht, was: Overgang, line: Overgang) -> Iterator[tuple[Zichtbericht, str]]:
    for regel in verloop.afspraken.zichtberichten:
        told = {"krijgt": line, "verliest": was}.get(regel.wat)
        if told is None or told.partij is None or told.drager is not regel.wie:
            continue
        if not _is_told_anyway(verloop, before, regel, told.partij):
            yield regel, told.partij


def _is_told_anyway(verloop: Verloop, before: Toezicht, regel: Zichtbericht, partij: str) -> bool:
    """Whether this role hears so now by the agreements, or by its timer in a moment: it had not heard it before."""
    return any(
        isinstance(item.regel, Zichtbericht)
        and (item.regel.wat, item.partij) == (regel.wat, partij)
        and item.vanaf <= verloop.now
        and not item.is_settled(verloop.now)
        and not is_known(item, before)
        for item in verloop.mededelingen()
    )
