"""The Grafana dashboard, as code. Without a word it is written; ``--check`` says whether the file is this one."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent.parent / "deploy" / "grafana" / "sallyport.json"
_SOURCE = {"type": "prometheus", "uid": "${source}"}
_WIDTH, _HEIGHT = 8, 8


@dataclass(frozen=True)
class Panel:
    """``queries`` are pairs of PromQL and the name of each line. ``unit`` is Grafana's."""

    title: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: str = "timeseries"

    def made(self, number: int) -> dict[str, object]:
        """As Grafana reads it."""
        place = {"x": number % 3 * _WIDTH, "y": number // 3 * _HEIGHT, "w": _WIDTH, "h": _HEIGHT}
        return {
            "id": number + 1,
            "title": self.title,
            "type": self.kind,
            "datasource": _SOURCE,
            "gridPos": place,
            "fieldConfig": {"defaults": {"unit": self.unit, "min": 0}, "overrides": []},
            "targets": [
                {"refId": chr(ord("A") + i), "datasource": _SOURCE, "expr": expr, "legendFormat": name}
                for i, (expr, name) in enumerate(self.queries)
            ],
        }


def _quantile(share: float, histogram: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate({histogram}_bucket[$__rate_interval])))"


PANELS = (
    Panel("mails a second, by answer", (("sum by (reply) (rate(sallyport_message_seconds_count[$__rate_interval]))", "{{reply}}"),)),
    Panel("decisions a second", (("sum by (action, method) (rate(sallyport_decisions_total[$__rate_interval]))", "{{action}} {{method}}"),)),
    Panel("what became of copies", (("sum by (fate) (rate(sallyport_outcomes_total[$__rate_interval]))", "{{fate}}"),)),
    Panel("time of a mail", ((_quantile(0.5, "sallyport_message_seconds"), "half"), (_quantile(0.95, "sallyport_message_seconds"), "19 of 20")), "s"),
    Panel("time by step, 19 of 20", ((_quantile(0.95, "sallyport_step_seconds", "step"), "{{step}}"),), "s"),
    Panel("errors by step", (("sum by (step, kind) (increase(sallyport_step_failures_total[$__rate_interval]))", "{{step}} {{kind}}"),)),
    Panel("in work", (("sallyport_messages_in_flight", "mails"), ("sallyport_connections", "connections"))),
    Panel("size of mails", ((_quantile(0.5, "sallyport_message_octets"), "half"), (_quantile(0.95, "sallyport_message_octets"), "19 of 20")), "bytes"),
    Panel("waiting", (("sallyport_held_mails", "held"), ("sallyport_pickups_waiting", "to be picked up"), ("sallyport_rulings_waiting", "rulings"), ("sallyport_copies_stuck", "stuck copies"))),
    Panel("oldest held mail", (("sallyport_held_oldest_seconds", "waits"),), "s", "stat"),
    Panel("last mail filed", (("time() - sallyport_last_filed_timestamp_seconds", "ago"),), "s", "stat"),
    Panel("audit log: events without a signature", (("sallyport_audit_events - sallyport_audit_signed_events", "events"), ("sallyport_audit_checkpoint_holds", "checkpoint holds (1)")), kind="stat"),
    Panel("pages, 19 of 20", ((_quantile(0.95, "sallyport_http_seconds", "program"), "{{program}}"),), "s"),
    Panel("pages that end with errors", (('sum by (program, view) (rate(sallyport_http_seconds_count{status="5xx"}[$__rate_interval]))', "{{program}} {{view}}"),)),
    Panel("jobs of the worker", (("sum by (job) (increase(sallyport_job_failures_total[1h]))", "{{job}} failed"), ("time() - sallyport_job_last_success_timestamp_seconds", "{{job}} done ago"))),
    Panel("what is not well", (("sallyport_part_good == 0", "{{part}}"), ("sallyport_job_late == 1", "{{job}} late"), ("sallyport_database_up == 0", "database")), kind="table"),
)  # fmt: skip


def dashboard() -> str:
    """The file's text."""
    source = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    made = {
        "title": "Sallyport",
        "uid": "sallyport",
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "panels": [panel.made(number) for number, panel in enumerate(PANELS)],
    }
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def main() -> int:
    """1 where ``--check`` finds another file."""
    if "--check" in sys.argv:
        return int(not FILE.is_file() or FILE.read_text(encoding="utf-8") != dashboard())
    FILE.write_text(dashboard(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
