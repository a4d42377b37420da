"""A structureel signaal: drafted, sent by a person, answered by the gemeente (FS, MB 6.2)."""

from datetime import datetime

from contracts.afspraken import Anker, Berichtsoort, local_date
from contracts.messages.monitoring import Drager
from contracts.messages.signalen import (
    StructureelSignaalAfgegeven,
    StructureelSignaalBeantwoord,
    StructureelSignaalOpgesteld,
)
from contracts.rechten import Daad, may
from services.monitoring.domain import signaalberichten, signalen
from services.monitoring.domain.antwoord import conflict, unknown
from services.monitoring.domain.berichten import Bericht
from services.monitoring.domain.feiten import add_feit
from services.monitoring.domain.invoer import SignaalantwoordInvoer, VerzendingInvoer
from services.monitoring.domain.signalen import Misser, Signaal
from services.monitoring.domain.toestand import Feit, Toezicht
from services.monitoring.domain.verloop import Verloop
from services.monitoring.domain.vertellen import Uitleg
from services.monitoring.handlers.commands import DraftSignaal, NoteAntwoord
from services.monitoring.handlers.kader import Kader, seal, who
from services.runtime.unit.decision import (
    Context,
    Forward,
    JsonObject,
    Outcome,
    Reference,
    TooEarly,
)
from services.runtime.unit.frozen import replace
from services.runtime.unit.outcomes import unchanged


def strike_bewijs(toezicht: Toezicht, misser: Misser, *, context: Context, kader: Kader) -> Outcome[Toezicht]:
    """A draft loses what turned out to be none; with too little left it lapses, and it counts anew."""
    signaal = toezicht.signaal
    left = () if signaal is None else tuple(m for m in signaal.bewijs if m.termijn_id != misser.termijn_id)
    if signaal is None or signaal.afgegeven_op is not None or len(left) == len(signaal.bewijs):
        return unchanged(toezicht)
    struck = replace(toezicht, signaal=replace(signaal, bewijs=left, aantal=len(left)))
    verloop = kader.verloop(struck, context)
    if isinstance(verloop, TooEarly):
        return verloop
    if len(left) >= signalen.needed(signaal, signalen.threshold(verloop.afspraken)) or signaal.vervallen_op is not None:
        return kader.decide(toezicht, verloop)
    assert struck.signaal is not None
    lapsed = replace(struck, signaal=replace(struck.signaal, vervallen_op=context.now))
    feit = Feit(Anker.CASUS_GESLOTEN, context.now, signaal.meldt, signaal.id)
    verloop = kader.verloop(add_feit(lapsed, feit), context)
    assert not isinstance(verloop, TooEarly), "it was not before either"
    verloop.follow_facts()
    verloop.uitleg.append(Uitleg("concept van een structureel signaal vervallen: het is toch gedaan", signaal.regel_id))
    decision = kader.decide(toezicht, verloop)
    ended = Forward(signalen.counted_at(misser), NoteAntwoord(signaal.id))
    return replace(decision, forwards=(*decision.forwards, ended))


def draft_signaal(toezicht: Toezicht, command: DraftSignaal, *, context: Context, kader: Kader) -> Outcome[Toezicht]:
    """Draft it with what it rests on, and ask a person of the party that informs the gemeente to send it."""
    if toezicht.signaal is not None:
        return unchanged(toezicht)
    misser = command.misser
    afspraken = kader.afspraken(misser.regio, misser.gemeente, local_date(context.now))
    regel = signalen.signal_rule(afspraken, misser.drager)
    assert regel is not None, "the count asked by the same agreements"
    code = kader.partijen.code(misser.drager, regio=misser.regio, gemeente=misser.gemeente)
    teller = signalen.informs(regel, misser.drager)
    signaal = Signaal(
        id=context.casus_id,
        over=code,
        drager=misser.drager,
        meldt=kader.partijen.code(teller, regio=misser.regio, gemeente=misser.gemeente),
        regel_id=regel.id,
        afspraken_versie=afspraken.versie,
        aantal=command.aantal,
        sinds=command.sinds,
        afgegeven_op=None,
        opgesteld_op=context.now,
        van=teller,
        bewijs=command.bewijs,
        opgesteld_door=None if command.door is None else who(command.door, context),
        opstelling=None if command.door is None else seal(context, command.door, command.toelichting),
    )
    begun = Toezicht(
        regio=misser.regio,
        gemeente=misser.gemeente,
        gemeente_van_melding=True,
        melding_op=context.now,
        signaal=signaal,
    )
    feit = Feit(Anker.STRUCTUREEL_SIGNAAL_OPGESTELD, context.now, signaal.meldt, signaal.id)
    verloop = kader.verloop(add_feit(begun, feit), context)
    assert not isinstance(verloop, TooEarly), "it says itself which agreements hold"
    verloop.follow_facts()
    event = StructureelSignaalOpgesteld(
        signaal_id=signaal.id,
        regio=misser.regio,
        gemeente=misser.gemeente,
        over=signaal.over,
        drager=signaal.drager,
        regel_id=regel.id,
        afspraken_versie=afspraken.versie,
        termijnen=tuple(item.termijn_id for item in signaal.bewijs),
        opgesteld_op=context.now,
        meldt=signaal.meldt,
        opgesteld_door=signaal.opgesteld_door,
    )
    verloop.tell(event, Uitleg("structureel signaal opgesteld", regel.id, {"over": code, "aantal": signaal.aantal}))
    until = min((termijn.eindigt_op for termijn in verloop.toezicht.termijnen.values()), default=None)
    rol, naam = afspraken.rol_voor(Berichtsoort.SIGNAAL_GEVRAAGD), kader.partijen.naam(code)
    verloop.events.append(
        signaalberichten.about_concept(
            signaal, misser, rol=rol, naam=naam, casus_id=context.casus_id, voor=until, regel=regel
        )
    )
    decision = kader.decide(toezicht, verloop)
    return replace(decision, references=(*decision.references, Reference("signaal", str(signaal.id))))


def send_signaal(toezicht: Toezicht, invoer: VerzendingInvoer, *, context: Context, kader: Kader) -> Outcome[Toezicht]:
    """A person informs the gemeente; the time in which it answers runs from here."""
    signaal = toezicht.signaal
    if signaal is None or not may(Daad.SIGNAAL_VERSTUREN, kader.relaties(toezicht, context), context.actor.rollen):
        return unknown("signaal")
    if signaal.vervallen_op is not None:
        return conflict("dit signaal is vervallen: het bleek toch te zijn gedaan")
    if signaal.afgegeven_op is not None:
        return conflict("dit signaal is al verstuurd")
    door = who(invoer.door, context)
    sent = replace(
        signaal,
        afgegeven_op=context.now,
        verstuurd_door=door,
        verzending=seal(context, invoer.door, invoer.toelichting),
    )
    feit = Feit(
        Anker.STRUCTUREEL_SIGNAAL_AFGEGEVEN, context.now, door, signaal.id, medewerker=context.sealer.seal(invoer.door)
    )
    verloop = kader.verloop(replace(add_feit(toezicht, feit), signaal=sent), context)
    if isinstance(verloop, TooEarly):
        return verloop
    verloop.follow_facts()
    event = StructureelSignaalAfgegeven(
        signaal_id=signaal.id,
        regio=verloop.regio,
        gemeente=toezicht.gemeente or "",
        over=signaal.over,
        drager=signaal.drager,
        regel_id=signaal.regel_id,
        afspraken_versie=signaal.afspraken_versie,
        aantal=signaal.aantal,
        sinds=signaal.sinds,
        afgegeven_op=context.now,
        meldt=signaal.meldt,
        afgegeven_door=door,
    )
    verloop.tell(event, Uitleg("structureel signaal verstuurd aan de gemeente", signaal.regel_id, {"door": door}))
    misser = Misser(signaal.id, signaal.drager, verloop.regio, toezicht.gemeente or "", context.now)
    asked, naam = verloop.afspraken.aanspreekpunt(Berichtsoort.SIGNAAL_AFGEGEVEN), kader.partijen.naam(signaal.over)
    until = answer_due(verloop.toezicht)
    verloop.events.append(
        signaalberichten.about_signaal(
            sent, misser, aanspreekpunt=asked, naam=naam, casus_id=context.casus_id, voor=until
        )
    )
    return kader.decide(toezicht, verloop, answer=signaal_answer(sent))


def answer_due(toezicht: Toezicht) -> datetime | None:
    """Until when the gemeente answers, where that was agreed."""
    return next(
        (
            termijn.eindigt_op
            for termijn in toezicht.termijnen.values()
            if termijn.vanaf is Anker.STRUCTUREEL_SIGNAAL_AFGEGEVEN and termijn.vervangen_door is None
        ),
        None,
    )


def answer_signaal(
    toezicht: Toezicht, invoer: SignaalantwoordInvoer, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """The gemeente tells Veilig Thuis and the team what it will do (MB 6.2)."""
    signaal = toezicht.signaal
    if signaal is None or not may(Daad.SIGNAAL_BEANTWOORDEN, kader.relaties(toezicht, context), context.actor.rollen):
        return unknown("signaal")
    if signaal.maatregel is not None:
        return conflict("dit signaal is al beantwoord")
    answered = replace(
        signaal,
        maatregel=invoer.maatregel,
        beantwoord_op=context.now,
        vastlegging=seal(context, invoer.door, invoer.toelichting),
    )
    feit = Feit(
        Anker.STRUCTUREEL_SIGNAAL_BEANTWOORD,
        context.now,
        who(invoer.door, context),
        signaal.id,
        medewerker=context.sealer.seal(invoer.door),
    )
    verloop = kader.verloop(replace(add_feit(toezicht, feit), signaal=answered), context)
    if isinstance(verloop, TooEarly):
        return verloop
    verloop.follow_facts()
    event = StructureelSignaalBeantwoord(
        signaal_id=signaal.id,
        regio=verloop.regio,
        gemeente=toezicht.gemeente or "",
        over=signaal.over,
        maatregel=invoer.maatregel,
        beantwoord_op=context.now,
        beantwoord_door=context.actor.partij,
    )
    facts = {"maatregel": invoer.maatregel.value, "door": who(invoer.door, context)}
    verloop.tell(event, Uitleg("structureel signaal beantwoord", signaal.regel_id, {**facts}))
    verloop.events.extend(_tell_parties(answered, verloop, context=context, kader=kader))
    misser = Misser(signaal.id, signaal.drager, verloop.regio, toezicht.gemeente or "", context.now)
    decision = kader.decide(toezicht, verloop, answer=signaal_answer(answered))
    ended = Forward(signalen.counted_at(misser), NoteAntwoord(signaal.id))
    return replace(decision, forwards=(*decision.forwards, ended))


def signaal_answer(signaal: Signaal) -> JsonObject:
    """What whoever answers gets back."""
    return {
        "id": str(signaal.id),
        "over": signaal.over,
        "afgegevenOp": None if signaal.afgegeven_op is None else signaal.afgegeven_op.isoformat(),
        "maatregel": None if signaal.maatregel is None else signaal.maatregel.value,
        "beantwoordOp": None if signaal.beantwoord_op is None else signaal.beantwoord_op.isoformat(),
    }


def _tell_parties(signaal: Signaal, verloop: Verloop, *, context: Context, kader: Kader) -> list[Bericht]:
    regio, gemeente = verloop.regio, verloop.toezicht.gemeente or ""
    asked = verloop.afspraken.aanspreekpunt(Berichtsoort.SIGNAAL_BEANTWOORD)
    dragers = (Drager.VEILIG_THUIS, Drager.LOKAAL_TEAM)
    codes = dict.fromkeys(kader.partijen.code(drager, regio=regio, gemeente=gemeente) for drager in dragers)
    return [
        signaalberichten.about_antwoord(
            signaal, aanspreekpunt=asked, partij=code, regio=regio, gemeente=gemeente, casus_id=context.casus_id
        )
        for code in codes
    ]
