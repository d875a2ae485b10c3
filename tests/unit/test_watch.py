"""Steps that are timed and traced; the page, the dashboard and the alerts name what there is."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import reduce
from gzip import decompress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import Counter, Gauge, Histogram

from domain.errors import VaultUnavailable
from watch import metrics
from watch.metrics import FAILURES, STEPS
from watch.steps import Steps
from watch.traces import tracer


class Port:
    name = "a port"

    def does(self, what: str, *, twice: bool = False) -> str:
        return what * (2 if twice else 1)

    def fails(self) -> None:
        raise VaultUnavailable("Ann Lee has epilepsy", who="carer@carers.example")


def _count(step: str) -> float:
    return next(s.value for m in STEPS.collect() for s in m.samples
                if s.name.endswith("_count") and s.labels["step"] == step)  # fmt: skip


def test_a_watched_port_does_what_it_did() -> None:
    port = Steps().port(Port(), does="step one")
    assert port.does("a", twice=True) == "aa"
    assert port.name == "a port"
    assert _count("step one") == 1


def test_an_error_goes_on_and_is_counted_by_its_kind() -> None:
    port = Steps().port(Port(), fails="step two")
    with pytest.raises(VaultUnavailable):
        port.fails()
    assert FAILURES.labels("step two", "VaultUnavailable")._value.get() == 1
    assert _count("step two") == 1


def test_spans_nest_and_hold_no_word_of_an_error() -> None:
    """What an error says may quote a mail."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    steps = Steps(provider.get_tracer("test"))
    with steps.span("accept", octets=5):
        steps.port(Port(), does="classify").does("Ann")
        with pytest.raises(VaultUnavailable):
            steps.port(Port(), fails="file").fails()
    classify, file, accept = kept.get_finished_spans()
    assert [s.name for s in (classify, file, accept)] == ["classify", "file", "accept"]
    assert classify.parent.span_id == file.parent.span_id == accept.context.span_id
    assert dict(accept.attributes) == {"octets": 5}
    text = "".join(s.to_json() for s in kept.get_finished_spans())
    assert "Ann" not in text
    assert "carer@" not in text


def test_without_a_tracer_there_is_no_span() -> None:
    with Steps().span("accept", octets=5) as span:
        assert span is None


ROOT = Path(__file__).parent.parent.parent
_NAME = re.compile(r"sallyport_[a-z_]+")
_SUFFIXES = ("_bucket", "_count", "_sum")


def _there_is() -> set[str]:
    """Every metric that any program shows, as it is written in a query."""
    ours = {value for value in vars(metrics).values() if isinstance(value, Counter | Gauge | Histogram)}
    counted = {m.name + ("_total" if m.type == "counter" else "") for each in ours for m in each.collect()}
    source = (ROOT / "cli" / "watching.py").read_text(encoding="utf-8")
    looked_up = {f"sallyport_{n}" for n in re.findall(r'_gauge\(\s*"([a-z_]+)"', source)}
    return counted | looked_up | set(re.findall(r'GaugeMetricFamily\(\s*"([a-z_]+)"', source))


def _asked(text: str) -> set[str]:
    return {reduce(str.removesuffix, _SUFFIXES, name) for name in _NAME.findall(text)}


@pytest.mark.parametrize("file", ["deploy/prometheus/alerts.yml", "deploy/grafana/sallyport.json"])
def test_alarms_and_dashboard_ask_for_what_there_is(file: str) -> None:
    asked = _asked((ROOT / file).read_text(encoding="utf-8"))
    assert len(asked) > 8
    assert asked - _there_is() == set()


def test_the_page_names_every_metric_and_no_other() -> None:
    page = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(sallyport_[a-z_]+)`", page, re.MULTILINE)) == _there_is()


def test_each_alarm_has_its_runbook_and_each_runbook_its_alarm() -> None:
    groups = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    alarms = [rule for group in groups for rule in group["rules"]]
    books = {rule["annotations"]["runbook"] for rule in alarms}
    here = {f"docs/runbooks/{p.name}" for p in (ROOT / "docs" / "runbooks").glob("*.md")} - {"docs/runbooks/README.md"}
    assert books == here
    for rule in alarms:
        kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", rule["alert"]).lower()
        assert rule["annotations"]["runbook"] == f"docs/runbooks/{kebab}.md"
        assert rule["labels"]["severity"] in {"page", "ticket"}


def test_every_link_of_a_runbook_leads_somewhere() -> None:
    for page in (ROOT / "docs" / "runbooks").glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), (page.name, target)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian's prometheus) is not installed")
def test_prometheus_itself_raises_the_alarms() -> None:
    """Its own test of rules: numbers that call for each alarm raise it, and quiet ones raise none."""
    done = subprocess.run(["promtool", "test", "rules", "tests/specimens/alerts.yml"], cwd=ROOT, capture_output=True,
                          text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_spans_go_to_a_collector_by_otlp() -> None:
    """A server of the tests' own takes what a collector would: protobuf over HTTP, with our name in it."""
    taken: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.path.encode() + b" " + self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    found = tracer(f"http://127.0.0.1:{server.server_port}/v1/traces", "relay")
    with Steps(found).span("accept", octets=5):
        pass
    assert found.span_processor.force_flush(5000)
    server.shutdown()
    path, _, body = taken[0].partition(b" ")
    sent = ExportTraceServiceRequest.FromString(decompress(body) if body[:2] == b"\x1f\x8b" else body)
    (span,) = sent.resource_spans[0].scope_spans[0].spans
    assert (path, span.name) == (b"/v1/traces", "accept")
    assert {a.key: a.value.int_value for a in span.attributes} == {"octets": 5}
    assert tracer("", "relay") is None
