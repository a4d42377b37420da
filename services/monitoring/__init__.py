"""Watches what was agreed: who bears zicht op veiligheid, which terms run, and who is called when one is missed.

Decides: when a termijn starts, nears, is met, passes or lapses; who bears zicht op veiligheid at any moment; which rung
of a ladder is called and when; when a dienst is monitored and may stop being so; when a party has failed so often that
its gemeente is told. Records what people do about a case as a whole: coercion, another party that accepts, closure, and
a moment that is put right.
Consumes: `houvast.triage.v1`, `houvast.handover.v1`, `houvast.notifier.v1`.
Publishes: `houvast.monitoring.v1`, what was put right on `houvast.correcties.v1` for the services that keep moments of
their own, and requests to tell people something on `houvast.notificaties.in.v1`.
"""
