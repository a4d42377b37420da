"""What Prometheus sees. Counted per batch and per request, never per message; labels never hold an identifier."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
"""The metrics of this process. Own registry: nothing is added by merely importing a library."""

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000)
_LATENESS = (0.1, 0.5, 1, 5, 30, 60, 300, 3600, 86400)

_request_seconds = Histogram(
    "houvast_http_request_seconds",
    "Duration of an HTTP request",
    ["app", "method", "route", "status"],
    buckets=_FAST,
    registry=REGISTRY,
)
_batch_seconds = Histogram(
    "houvast_batch_seconds", "Duration of one unit of work", ["service", "source"], buckets=_FAST, registry=REGISTRY
)
_batch_size = Histogram(
    "houvast_batch_messages", "Messages in one unit of work", ["service", "source"], buckets=_SIZES, registry=REGISTRY
)
_outcomes = Counter(
    "houvast_messages_total", "Messages by what became of them", ["service", "outcome"], registry=REGISTRY
)
_published = Counter(
    "houvast_published_total", "Events published by the relay", ["service", "topic"], registry=REGISTRY
)
_outbox_rows = Gauge("houvast_outbox_waiting", "Events waiting to be published", ["service"], registry=REGISTRY)
_outbox_age = Gauge(
    "houvast_outbox_oldest_seconds", "Age of the oldest event waiting to be published", ["service"], registry=REGISTRY
)
_dead_letters = Counter("houvast_dead_letters_total", "Messages set aside", ["service", "topic"], registry=REGISTRY)
_held_cases = Gauge("houvast_held_cases", "Cases whose events wait for a repair", ["service"], registry=REGISTRY)
_timer_lateness = Histogram(
    "houvast_timer_lateness_seconds",
    "How long after its moment a timer was handled, on the Clock",
    ["service"],
    buckets=_LATENESS,
    registry=REGISTRY,
)
_attempts = Counter(
    "houvast_attempts_total", "Attempts in the outside world", ["service", "kind", "result"], registry=REGISTRY
)
_oldest_request = Gauge(
    "houvast_request_oldest_seconds",
    "Age of the oldest undelivered request per destination",
    ["service", "destination"],
    registry=REGISTRY,
)
_refusing = Gauge(
    "houvast_destinations_refusing",
    "Destinations that do not let us in: 401, 403 or a failed login",
    ["service"],
    registry=REGISTRY,
)
_undelivered = Gauge(
    "houvast_undelivered_oldest_seconds",
    "Age of the oldest request that was attempted and not delivered",
    ["service"],
    registry=REGISTRY,
)
_lag = Gauge(
    "houvast_consumer_lag", "Events on its topics that this copy has not taken", ["service"], registry=REGISTRY
)
_store_faults = Counter(
    "houvast_store_faults_total",
    "Times that the database refused for a reason that no message has: a right, a table, the disk",
    ["service", "sqlstate"],
    registry=REGISTRY,
)
_ready = Gauge("houvast_ready", "Whether this copy can take calls now", ["service"], registry=REGISTRY)
_loops_down = Gauge(
    "houvast_loops_down", "Loops of this copy that do not run as they should", ["service"], registry=REGISTRY
)
_topics_made = Counter(
    "houvast_topics_made_total", "Topics that were gone and made again by a service that ran", registry=REGISTRY
)
_topics_forgot = Counter(
    "houvast_topics_forgot_total",
    "Times that a topic turned out to have lost what the broker had confirmed",
    ["topic"],
    registry=REGISTRY,
)
_dropped_keys = Counter("houvast_log_keys_dropped_total", "Log keys that are not on the allow-list", registry=REGISTRY)


def observe_request(app: str, method: str, route: str, status: int, seconds: float) -> None:
    """One HTTP request. `route` is the declared path, never the one that was called."""
    _request_seconds.labels(app, method, route, str(status)).observe(seconds)


def observe_batch(service: str, source: str, *, size: int, seconds: float) -> None:
    """One unit of work; `source` is where its messages came from: kafka, http, timer, attempt."""
    _batch_size.labels(service, source).observe(size)
    _batch_seconds.labels(service, source).observe(seconds)


def count_outcome(service: str, outcome: str, number: int = 1) -> None:
    """Messages by outcome: decided, repeated, refused, too-early, rejected."""
    _outcomes.labels(service, outcome).inc(number)


def count_published(service: str, topic: str, number: int) -> None:
    _published.labels(service, topic).inc(number)


def show_outbox(service: str, *, waiting: int, oldest_seconds: float) -> None:
    """What the relay still has to do; an empty outbox has age 0."""
    _outbox_rows.labels(service).set(waiting)
    _outbox_age.labels(service).set(oldest_seconds)


def count_dead_letter(service: str, topic: str) -> None:
    """`topic` is where the message came from; why it was set aside is told by `houvast dlq`."""
    _dead_letters.labels(service, topic).inc()


def show_held_cases(service: str, number: int) -> None:
    _held_cases.labels(service).set(number)


def observe_timer(service: str, *, late_seconds: float) -> None:
    """One timer; seconds on the Clock between its moment and its handling."""
    _timer_lateness.labels(service).observe(max(0.0, late_seconds))


def count_attempt(service: str, kind: str, result: str) -> None:
    _attempts.labels(service, kind, result).inc()


def show_oldest_request(service: str, destination: str, seconds: float) -> None:
    _oldest_request.labels(service, destination).set(seconds)


def show_refusing(service: str, number: int) -> None:
    """Above 0 somebody has to mend a secret or a right."""
    _refusing.labels(service).set(number)


def show_undelivered(service: str, seconds: float) -> None:
    _undelivered.labels(service).set(seconds)


def show_lag(service: str, number: int) -> None:
    """Over the partitions that this copy has; those of all copies add up."""
    _lag.labels(service).set(number)


def count_store_fault(service: str, sqlstate: str) -> None:
    _store_faults.labels(service, sqlstate).inc()


def show_readiness(service: str, *, ready: bool, loops_down: int) -> None:
    _ready.labels(service).set(int(ready))
    _loops_down.labels(service).set(loops_down)


def count_topics_made(number: int) -> None:
    _topics_made.inc(number)


def count_topic_forgot(topic: str) -> None:
    _topics_forgot.labels(topic).inc()


def count_dropped_key(number: int = 1) -> None:
    _dropped_keys.inc(number)


def exposition() -> bytes:
    """All metrics in the text format of Prometheus."""
    return generate_latest(REGISTRY)
