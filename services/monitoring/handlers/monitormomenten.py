"""What people do in the time of monitoring: hold a moment, plan one, stop, take a step when help stagnates (MB 5)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from contracts.afspraken import (
    AMSTERDAM,
    MONITORING_STOPT,
    Anker,
    Berichtsoort,
    MonitoringRegel,
    Stagnatiestap,
    Termijnstatus,
    local_date,
)
from contracts.messages.envelope import Gebeurtenis, Problem
from contracts.messages.identifiers import derived_id
from contracts.messages.monitoring import (
    Drager,
    Kindgesprek,
    MonitoringGestopt,
    MonitormomentGehouden,
    MonitormomentIngepland,
    StagnatiestapGezet,
    Stopreden,
)
from services.monitoring.domain import monitoring
from services.monitoring.domain.antwoord import CLOSED, conflict, invalid, not_theirs, unknown
from services.monitoring.domain.berichten import Boodschap, about_casus
from services.monitoring.domain.feiten import add_feit
from services.monitoring.domain.invoer import (
    InplanningInvoer,
    MonitormomentInvoer,
    StagnatiestapInvoer,
    UitkomstInvoer,
)
from services.monitoring.domain.monitoring import Monitoringfase
from services.monitoring.domain.sluiten import is_closed
from services.monitoring.domain.toestand import Feit, Monitormoment, Stagnatie, Termijn, Toezicht
from services.monitoring.domain.verloop import Verloop
from services.monitoring.domain.vertellen import Uitleg
from services.monitoring.handlers.huishouden import report_again
from services.monitoring.handlers.kader import Kader, keep_words, may_act, seal, who
from services.runtime.unit.decision import Context, JsonObject, Outcome, Refused, TooEarly
from services.runtime.unit.frozen import replace


def hold_monitormoment(
    toezicht: Toezicht, monitormoment_id: UUID, invoer: UitkomstInvoer, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """Record what came out of a moment; with it monitoring may stop, when everything that it asks is there."""
    begun = _begin(toezicht, monitormoment_id, context=context, kader=kader)
    if not isinstance(begun, tuple):
        return begun
    verloop, moment, fase = begun
    dragers = (fase.regel.voert_uit,)
    if refused := _why_not_theirs(verloop, moment, dragers, "uitgevoerd", context=context, kader=kader):
        return refused
    op = (invoer.gehouden_op or context.now).astimezone(UTC)
    if problems := _check(invoer, toezicht, fase, op=op, now=context.now):
        return invalid(*problems)
    held = replace(
        moment,
        gehouden_op=op,
        wijze=invoer.wijze,
        kinderen=invoer.kinderen,
        stabiel_en_veilig=invoer.stabiel_en_veilig,
        vastlegging=seal(context, invoer.door, invoer.toelichting),
    )
    verloop.keep_moment(held)
    feit = Feit(
        Anker.MONITORMOMENT_GEHOUDEN,
        op,
        who(invoer.door, context),
        moment.id,
        medewerker=context.sealer.seal(invoer.door),
    )
    verloop.toezicht = add_feit(verloop.toezicht, feit)
    _tell_held(verloop, held, invoer, door=feit.door)
    if invoer.stoppen is not None:
        reasons = monitoring.why_not_stop(verloop.toezicht, verloop.afspraken, fase, invoer.stoppen, op=op)
        if reasons:
            return conflict(*(f"stoppen met monitoring kan niet: {reason}" for reason in reasons))
        _stop(verloop, fase, feit)
    if invoer.volgende_op is not None:
        _plan_extra(verloop, fase.regel, invoer.volgende_op, context)
    verloop.follow_facts()
    if invoer.stoppen is None and not monitoring.open_moments(verloop.toezicht):
        message = "ontbreekt: er komt geen monitormoment meer; plan het volgende, of stop de monitoring"
        return invalid(Problem("volgendeOp", message))
    return kader.decide(toezicht, verloop, answer=_answer(verloop.toezicht, verloop.toezicht.momenten[held.id]))


def schedule_monitormoment(
    toezicht: Toezicht, monitormoment_id: UUID, invoer: InplanningInvoer, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """Planning a moment is of one party, holding it of the other (MB 5); either may record that it is planned."""
    begun = _begin(toezicht, monitormoment_id, context=context, kader=kader)
    if not isinstance(begun, tuple):
        return begun
    verloop, moment, fase = begun
    dragers = (fase.regel.plant, fase.regel.voert_uit)
    if refused := _why_not_theirs(verloop, moment, dragers, "ingepland", context=context, kader=kader):
        return refused
    voor = invoer.ingepland_voor.astimezone(UTC)
    if reason := _wrong_day(moment, voor, now=context.now):
        return invalid(Problem("ingeplandVoor", reason))
    door = who(invoer.door, context)
    planned = replace(moment, ingepland_voor=voor)
    verloop.keep_moment(planned)
    keep_words(verloop, context, invoer.door, invoer.toelichting)
    verloop.toezicht = add_feit(
        verloop.toezicht,
        Feit(
            Anker.MONITORMOMENT_INGEPLAND,
            context.now,
            door,
            onderwerp_id=moment.id,
            medewerker=context.sealer.seal(invoer.door),
        ),
    )
    event = MonitormomentIngepland(
        regio=verloop.regio,
        gemeente=toezicht.gemeente or "",
        afspraken_versie=verloop.afspraken.versie,
        monitormoment_id=moment.id,
        regel_id=moment.regel_id,
        ingepland_voor=voor,
        ingepland_op=context.now,
        ingepland_door=door,
    )
    verloop.tell(event, Uitleg("monitormoment ingepland", moment.regel_id, {"voor": voor.isoformat(), "door": door}))
    verloop.follow_facts()
    return kader.decide(toezicht, verloop, answer=_answer(verloop.toezicht, planned))


def plan_monitormoment(
    toezicht: Toezicht, invoer: MonitormomentInvoer, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """A moment besides the fixed ones: as often as needed; without monitoring only with the reason recorded (FS)."""
    if not may_act(toezicht, context=context, kader=kader):
        return unknown("casus")
    if is_closed(toezicht):
        return CLOSED
    verloop = kader.verloop(toezicht, context)
    if isinstance(verloop, TooEarly):
        return verloop
    fase = verloop.fase
    regel = monitoring.monitoring_rule(verloop.afspraken) if fase is None else fase.regel
    reasons = _why_not_plan(toezicht, invoer, verloop, ends=_end_of_day(invoer.gepland_op), now=context.now)
    if reasons or regel is None:
        return conflict(*reasons, *(() if regel else ("de afspraken van deze casus kennen geen monitoring",)))
    planned = _plan_extra(verloop, regel, invoer.gepland_op, context)
    keep_words(verloop, context, invoer.door, invoer.reden)
    return kader.decide(toezicht, verloop, answer=_answer(verloop.toezicht, planned))


def _plan_extra(verloop: Verloop, regel: MonitoringRegel, op: datetime, context: Context) -> Monitormoment:
    """A moment besides the fixed ones, to be held before that day ends; the same day is the same moment."""
    ends = _end_of_day(op)
    planned = Termijn(
        id=derived_id("monitormoment", str(context.casus_id), ends.isoformat()),
        regel_id=regel.id,
        afspraken_versie=verloop.afspraken.versie,
        label="Extra monitormoment",
        verantwoordelijke=regel.voert_uit,
        onderwerp_id=context.casus_id,
        gemeente=verloop.toezicht.gemeente or "",
        team=None,
        vanaf=Anker.OVERDRACHT_AFGELEVERD,
        tot=(Anker.MONITORMOMENT_GEHOUDEN,),
        ladder_id=regel.bij_verstrijken,
        begint_op=context.now,
        eindigt_op=ends,
        nadert_op=regel.nears_at(context.now, ends),
    )
    if planned.id not in verloop.toezicht.termijnen:
        verloop.begin_termijn(planned, "extra monitormoment gepland")
        verloop.keep_moment(replace(verloop.toezicht.momenten[planned.id], ingepland_voor=op.astimezone(UTC)))
    return verloop.toezicht.momenten[planned.id]


def take_stagnatiestap(
    toezicht: Toezicht, invoer: StagnatiestapInvoer, *, context: Context, kader: Kader
) -> Outcome[Toezicht]:
    """One of the four steps, in their order; the last one reports the case again, and zicht follows MB 5."""
    if not may_act(toezicht, context=context, kader=kader):
        return unknown("casus")
    if is_closed(toezicht):
        return CLOSED
    verloop = kader.verloop(toezicht, context)
    if isinstance(verloop, TooEarly):
        return verloop
    stappen = verloop.afspraken.stagnatiestappen
    if not stappen or verloop.fase is None:
        unknown_here = f"de afspraken {verloop.afspraken.versie} kennen geen stappen bij stagnatie"
        return conflict("deze casus is niet in de monitoringsfase" if stappen else unknown_here)
    taken = [stap.stap for stap in toezicht.stagnatie]
    following = next((stap for stap in stappen if stap.stap not in taken), None)
    if following is None or invoer.stap != following.stap:
        wanted = "alle stappen zijn gezet" if following is None else f"de volgende is stap {following.stap}"
        return conflict(f"stap {invoer.stap} is niet aan de beurt: {wanted}")
    door = who(invoer.door, context)
    sealed = seal(context, invoer.door, invoer.toelichting)
    gezet = Stagnatie(following.stap, following.id, context.now, door, sealed)
    verloop.toezicht = replace(toezicht, stagnatie=(*toezicht.stagnatie, gezet))
    event = StagnatiestapGezet(
        regio=verloop.regio,
        gemeente=toezicht.gemeente or "",
        afspraken_versie=verloop.afspraken.versie,
        regel_id=following.id,
        stap=following.stap,
        gezet_op=context.now,
        hermelding=following.hermelding,
    )
    verloop.tell(event, Uitleg(following.label, following.id, {"stap": following.stap, "door": door}))
    if following.hermelding:
        report_again(verloop, context.now, door, nieuwe_casus=None, context=context)
    verloop.events.extend(_tell_step(verloop, following, context=context, kader=kader))
    verloop.follow_facts()
    answer: JsonObject = {"stap": following.stap, "label": following.label, "hermelding": following.hermelding}
    return kader.decide(toezicht, verloop, answer=answer)


def _begin(
    toezicht: Toezicht, monitormoment_id: UUID, *, context: Context, kader: Kader
) -> tuple[Verloop, Monitormoment, Monitoringfase] | Refused | TooEarly:
    """A moment that was not held yet, in the monitoring that runs."""
    moment = toezicht.momenten.get(monitormoment_id)
    if moment is None or not may_act(toezicht, context=context, kader=kader):
        return unknown("monitormoment")
    verloop = kader.verloop(toezicht, context)
    if isinstance(verloop, TooEarly):
        return verloop
    if moment.gehouden_op is not None:
        return conflict("van dit monitormoment is de uitkomst al vastgelegd")
    if is_closed(toezicht):
        return CLOSED
    fase = verloop.fase
    return conflict("de monitoring van deze casus loopt niet meer") if fase is None else (verloop, moment, fase)


def _why_not_theirs(
    verloop: Verloop, moment: Monitormoment, dragers: Sequence[Drager], wat: str, *, context: Context, kader: Kader
) -> Refused | None:
    termijn = verloop.toezicht.current(moment.id)
    gemeente = (termijn and termijn.gemeente) or verloop.toezicht.gemeente or ""
    codes = [kader.partijen.code(drager, regio=verloop.regio, gemeente=gemeente) for drager in dragers]
    if not kader.codes(context).isdisjoint(codes):
        return None
    return not_theirs(f"de monitoring wordt {wat} door {kader.partijen.naam(codes[0])}")


def _wrong_day(moment: Monitormoment, voor: datetime, *, now: datetime) -> str | None:
    if voor < now:
        return "ligt in het verleden"
    if moment.gepland_op > now and voor >= moment.gepland_op:
        return f"ligt na {(moment.gepland_op - timedelta(days=1)).astimezone(AMSTERDAM):%d-%m-%Y}, de laatste dag"
    return None


def _check(
    invoer: UitkomstInvoer, toezicht: Toezicht, fase: Monitoringfase, *, op: datetime, now: datetime
) -> list[Problem]:
    problems: list[Problem] = []
    if invoer.volgende_op is not None and invoer.stoppen is not None:
        problems.append(Problem("volgendeOp", "past niet bij stoppen"))
    if invoer.volgende_op is not None and _end_of_day(invoer.volgende_op) <= now:
        problems.append(Problem("volgendeOp", "ligt niet in de toekomst"))
    if op > now:
        problems.append(Problem("gehoudenOp", "ligt in de toekomst"))
    if op < fase.begint_op:
        problems.append(Problem("gehoudenOp", "ligt vóór de overdracht waarna wordt gemonitord"))
    spoken = invoer.kinderen is not Kindgesprek.NIET_GESPROKEN or monitoring.children_heard(toezicht)
    if fase.regel.kinderen_gesproken_of_onderbouwd and not spoken and not invoer.toelichting:
        problems.append(Problem("toelichting", "ontbreekt: waarom zijn de kinderen niet gesproken (MB 5)?"))
    return problems


def _why_not_plan(
    toezicht: Toezicht, invoer: MonitormomentInvoer, verloop: Verloop, *, ends: datetime, now: datetime
) -> list[str]:
    reasons = [] if ends > now else ["het monitormoment ligt niet in de toekomst"]
    if any(feit.anker in MONITORING_STOPT for feit in toezicht.feiten):
        return [*reasons, "de monitoring van deze casus is gestopt of volgt niet"]
    delivered = any(feit.anker is Anker.OVERDRACHT_AFGELEVERD for feit in toezicht.feiten)
    if not delivered:
        return [*reasons, "er is nog geen overdracht afgeleverd"]
    if verloop.fase is None and not invoer.reden:
        uitsluiting = next(
            (item for item in verloop.afspraken.monitoring_uitsluitingen if item.tenzij_vastgelegd), None
        )
        source = "" if uitsluiting is None else f" ({uitsluiting.bron.document} {uitsluiting.bron.paragraaf})"
        reasons.append(f"na een directe overdracht wordt niet gemonitord, tenzij is vastgelegd waarom{source}")
    return reasons


def _tell_held(verloop: Verloop, held: Monitormoment, invoer: UitkomstInvoer, *, door: str) -> None:
    assert held.gehouden_op is not None
    event = MonitormomentGehouden(
        regio=verloop.regio,
        gemeente=verloop.toezicht.gemeente or "",
        afspraken_versie=verloop.afspraken.versie,
        monitormoment_id=held.id,
        regel_id=held.regel_id,
        gehouden_op=held.gehouden_op,
        wijze=invoer.wijze,
        kinderen=invoer.kinderen,
        stabiel_en_veilig=invoer.stabiel_en_veilig,
    )
    facts = {"wijze": invoer.wijze.value, "kinderen": invoer.kinderen.value, "door": door}
    verloop.tell(event, Uitleg("monitormoment gehouden", held.regel_id, {**facts}))


def _stop(verloop: Verloop, fase: Monitoringfase, held: Feit) -> None:
    early = monitoring.is_early(verloop.toezicht, verloop.afspraken, fase, op=held.op)
    reden = Stopreden.VERVROEGD if early else Stopreden.AFGEROND
    stop_monitoring(verloop, fase, held.op, reden, door=held.door)
    stopped = Feit(Anker.MONITORING_GESTOPT, held.op, held.door, medewerker=held.medewerker)
    verloop.toezicht = add_feit(verloop.toezicht, stopped)


def stop_monitoring(verloop: Verloop, fase: Monitoringfase, op: datetime, reden: Stopreden, *, door: str) -> None:
    """Tell that monitoring stops."""
    event = MonitoringGestopt(
        regio=verloop.regio,
        gemeente=verloop.toezicht.gemeente or "",
        afspraken_versie=verloop.afspraken.versie,
        regel_id=fase.regel.id,
        gestopt_op=op,
        reden=reden,
    )
    verloop.tell(event, Uitleg("monitoring gestopt", fase.regel.id, {"reden": reden.value, "door": door}))


def _tell_step(verloop: Verloop, stap: Stagnatiestap, *, context: Context, kader: Kader) -> list[Gebeurtenis]:
    """Whoever has a part in this step and did not take it is told."""
    message = Boodschap(
        "stagnatie",
        str(stap.stap),
        f"Stagnatie in de monitoring: stap {stap.stap}",
        f"{stap.label}. Neem contact op met de andere partij.",
    )
    toezicht = verloop.toezicht
    codes = {
        kader.partijen.code(wie, regio=verloop.regio, gemeente=toezicht.gemeente or "")
        for wie in (*stap.wie, Drager.VEILIG_THUIS)
    } - kader.codes(context)
    rol = verloop.afspraken.rol_voor(Berichtsoort.STAGNATIE_IN_MONITORING)
    return [
        about_casus(message, partij=code, rol=rol, toezicht=toezicht, casus_id=context.casus_id, regel=stap)
        for code in sorted(codes)
    ]


def _end_of_day(moment: datetime) -> datetime:
    """The end of the day in Amsterdam on which this moment lies, in UTC."""
    day = local_date(moment)
    ordinal = day.toordinal() + 1
    following = day.fromordinal(ordinal)
    return datetime(following.year, following.month, following.day, tzinfo=AMSTERDAM).astimezone(UTC)


def _answer(toezicht: Toezicht, moment: Monitormoment) -> JsonObject:
    termijn = toezicht.current(moment.id)
    status = None if termijn is None else termijn.status
    return {
        "id": str(moment.id),
        "label": moment.label,
        "geplandOp": moment.gepland_op.isoformat(),
        "ingeplandVoor": None if moment.ingepland_voor is None else moment.ingepland_voor.isoformat(),
        "gehoudenOp": None if moment.gehouden_op is None else moment.gehouden_op.isoformat(),
        "teLaat": status is Termijnstatus.TE_LAAT_GEHAALD,
        "monitoring": "gestopt" if any(feit.anker in MONITORING_STOPT for feit in toezicht.feiten) else "loopt",
    }
