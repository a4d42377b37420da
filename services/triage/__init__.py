"""Triage: meldingen, adviesvragen and the bridge from the Meldpunt Crisiszorg; advises, and records what people decide.

Decides: which triageadvies the afspraken of the region give, whether a triagebesluit may be taken and whether its
overdrachtsdocument is complete, when a dienst starts and ends, and what the meldpunt forwards to Veilig Thuis.

Consumes: `houvast.meldpunt.in.v1` (a meldpuntmelding from any intake system) and `houvast.handover.v1` (a
terugkoppeling asks for a new weighing) and `houvast.correcties.v1` (a moment that was put right, a
step in a crisis).

Publishes on `houvast.triage.v1`: everything in `contracts.messages.triage.EVENTS` except melder-geinformeerd.
"""
