"""What is counted and timed, by its name in Prometheus. Seconds, octets, ``_total``, as its guide says.

Every label has a small set of values that the source or the policy fixes, so no label can hold an address, a person's
reference, a message's id or a path. ``docs/watching.md`` describes each; a test holds that page to this file.
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each; nobody asks when a counter began

_STEP = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 120)
_WHOLE = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_OCTETS = (5_000, 50_000, 250_000, 1_000_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000)
_PAGE = (0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10)
_JOB = (0.01, 0.1, 1, 10, 60, 600)

MESSAGES = Histogram(
    "sallyport_message_seconds", "From the end of a mail's data to our answer, by the answer's code.", ["reply"],
    buckets=_WHOLE,
)  # fmt: skip
OCTETS = Histogram("sallyport_message_octets", "Size of mails that were taken in.", buckets=_OCTETS)
STEPS = Histogram(
    "sallyport_step_seconds", "In one of the ten steps (docs/architecture.md), by the clock.", ["step"], buckets=_STEP
)
FAILURES = Counter("sallyport_step_failures_total", "Steps that ended with an error, by its kind.", ["step", "kind"])
DECISIONS = Counter(
    "sallyport_decisions_total",
    "Decisions, one a recipient, by the rule that was decisive.",
    ["action", "method", "rule"],
)
OUTCOMES = Counter("sallyport_outcomes_total", "What became of each recipient's copy.", ["fate"])
CONNECTIONS = Gauge("sallyport_connections", "Open SMTP and LMTP connections.", multiprocess_mode="livesum")
IN_FLIGHT = Gauge("sallyport_messages_in_flight", "Mails in the pipeline now.", multiprocess_mode="livesum")
PAGES = Histogram(
    "sallyport_http_seconds", "Requests of pages and API, by view and class of status.", ["program", "view", "status"],
    buckets=_PAGE,
)  # fmt: skip
JOBS = Histogram("sallyport_job_seconds", "The worker's jobs.", ["job"], buckets=_JOB)
JOB_FAILURES = Counter("sallyport_job_failures_total", "The worker's jobs that failed.", ["job"])
JOB_SUCCESS = Gauge("sallyport_job_last_success_timestamp_seconds", "When a job was last done, Unix time.", ["job"])
