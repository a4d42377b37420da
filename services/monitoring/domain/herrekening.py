"""After a correction: what runs is computed anew, what ended stays and gets a successor where it differs (D16)."""

from contracts.afspraken import Termijnstatus
from contracts.afspraken.toepassing import find_afloop
from contracts.messages.monitoring import Escalatieresultaat
from services.monitoring.domain import termijnen
from services.monitoring.domain.toestand import Termijn
from services.monitoring.domain.verloop import Verloop
from services.monitoring.domain.vertellen import as_it_was


def recompute(verloop: Verloop) -> None:
    """Bring every term in line with the facts as they are now; nothing changes without a line that says so."""
    for known in verloop.toezicht.termijnen.values():
        if known.vervangen_door is not None:
            continue
        again = _again(verloop, known)
        if again is None:
            _end_without_rule(verloop, known)
        elif known.status is Termijnstatus.LOPEND:
            fresh = termijnen.put_right(known, again)
            if fresh != known:
                verloop.keep_recomputed(known, fresh)
        else:
            _succeed(verloop, known, again)


def _again(verloop: Verloop, known: Termijn) -> Termijn | None:
    """The term as the facts and the agreements have it now; None where nothing starts it any more."""
    regel = verloop.afspraken.termijnregel(known.regel_id)
    feit = verloop.toezicht.first(known.vanaf, known.onderwerp_id)
    if regel is None or feit is None or not regel.applies(verloop.casus.omstandigheden(feit)):
        return None
    return termijnen.start(verloop.casus, verloop.afspraken, regel, feit=feit, identifier=known.id)


def _end_without_rule(verloop: Verloop, known: Termijn) -> None:
    """Its beginning was contradicted, or other agreements do not know this term: it binds nobody, also when it passed."""
    versie = verloop.afspraken.versie
    never_began = verloop.toezicht.first(known.vanaf, known.onderwerp_id) is None
    if known.afspraken_versie == versie and not never_began:
        return
    reden = (
        f"{known.vanaf.label} is betwist of teruggenomen"
        if never_began
        else f"de afspraken {versie} kennen deze termijn niet"
    )
    if known.status is Termijnstatus.LOPEND:
        verloop.lapse(known, reden)
    elif known.status is Termijnstatus.VERSTREKEN:
        verloop.explain(f"termijn telt niet: {reden}", known)
        _take_back(verloop, known)


def _succeed(verloop: Verloop, known: Termijn, again: Termijn) -> None:
    successor = termijnen.succession(known, again)
    afloop = find_afloop(successor, verloop.casus, verloop.afspraken)
    ended = successor if afloop is None else termijnen.settle(successor, afloop, now=verloop.now)
    runs_again = ended.status is Termijnstatus.LOPEND and _was_let_go(verloop, known)
    if termijnen.is_the_same(known, ended) and not runs_again:
        return
    if known.status is Termijnstatus.VERSTREKEN and termijnen.passed(ended, verloop.now) and not runs_again:
        facts = as_it_was(again, "zou beginnen", "zou eindigen")
        verloop.explain("termijn blijft verstreken na een correctie", known, facts)
        return
    verloop.succeed(known, successor)
    if known.status is Termijnstatus.VERSTREKEN:
        _take_back(verloop, known)


def _was_let_go(verloop: Verloop, known: Termijn) -> bool:
    """Whether an earlier correction said that nobody need act; where that is put right again people are called anew."""
    return known.status is Termijnstatus.VERSTREKEN and any(
        escalatie.termijn_id == known.id and escalatie.resultaat == Escalatieresultaat.TERMIJN_VERVALLEN.value
        for escalatie in verloop.toezicht.escalaties.values()
    )


def _take_back(verloop: Verloop, known: Termijn) -> None:
    """It had not passed after all, or binds nobody: whoever was called about it need not act any more."""
    verloop.ongedaan.append(known)
    for escalatie in verloop.open_escalaties_of(known):
        facts = {"reden": "een feit is gecorrigeerd"}
        verloop.close_escalatie(escalatie, Escalatieresultaat.TERMIJN_VERVALLEN.value, {**facts})
