"""What is counted can be read back, and says nothing about anyone."""

from services.runtime.process import metrics


def _value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_batch_is_counted_by_its_size_and_duration() -> None:
    labels = {"service": "proef", "source": "kafka"}
    metrics.observe_batch("proef", "kafka", size=500, seconds=0.03)
    assert _value("houvast_batch_messages_sum", **labels) == 500
    assert _value("houvast_batch_seconds_count", **labels) == 1
    assert _value("houvast_batch_seconds_bucket", **labels, le="0.025") == 0
    assert _value("houvast_batch_seconds_bucket", **labels, le="0.05") == 1


def test_outcomes_publications_dead_letters_and_attempts_add_up() -> None:
    metrics.count_outcome("proef", "decided", 3)
    metrics.count_outcome("proef", "decided")
    metrics.count_published("proef", "houvast.triage.v1", 7)
    metrics.count_dead_letter("proef", "houvast.triage.v1")
    metrics.count_attempt("proef", "e-mail", "gelukt")
    assert _value("houvast_messages_total", service="proef", outcome="decided") == 4
    assert _value("houvast_published_total", service="proef", topic="houvast.triage.v1") == 7
    assert _value("houvast_dead_letters_total", service="proef", topic="houvast.triage.v1") == 1
    assert _value("houvast_attempts_total", service="proef", kind="e-mail", result="gelukt") == 1


def test_what_waits_shows_its_number_and_its_age() -> None:
    metrics.show_outbox("proef", waiting=12, oldest_seconds=3.5)
    metrics.show_held_cases("proef", 2)
    metrics.show_oldest_request("proef", "GM0758", 3600)
    assert _value("houvast_outbox_waiting", service="proef") == 12
    assert _value("houvast_outbox_oldest_seconds", service="proef") == 3.5
    assert _value("houvast_held_cases", service="proef") == 2
    assert _value("houvast_request_oldest_seconds", service="proef", destination="GM0758") == 3600


def test_a_timer_is_never_early() -> None:
    """A clock may tick between the due moment and the reading of it; lateness does not go below zero."""
    metrics.observe_timer("proef", late_seconds=-0.2)
    assert _value("houvast_timer_lateness_seconds_sum", service="proef") == 0
    assert _value("houvast_timer_lateness_seconds_count", service="proef") == 1


def test_the_exposition_holds_only_our_own_metrics() -> None:
    metrics.count_outcome("proef", "decided")
    names = [line.split()[2] for line in metrics.exposition().decode().splitlines() if line.startswith("# HELP")]
    assert names
    assert all(name.startswith("houvast_") for name in names)
