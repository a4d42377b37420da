"""Handover: brings each overdracht to its gemeente, and records who answered what.

Decides: which overdrachten a triagebesluit or a finished dienst asks for, when a delivery is attempted again, when
people must be told that it does not arrive, whether a case may still be given back, and whether a team can be asked to
walk along in a dienst (verbindend samenwerken).

Consumes: `houvast.triage.v1` (triagebesluit-genomen, dienst-gestart, dienst-afgerond) and `houvast.correcties.v1` (a
moment that was put right).

Publishes on `houvast.handover.v1`: overdracht-aangemaakt, -afgeleverd, aflevering-gestagneerd, ontvangst-bevestigd,
overdracht-opgepakt, -teruggekoppeld, and the events of samenwerken. Delivered, received, taken up and returned are four
facts, never derived from one another.
"""
