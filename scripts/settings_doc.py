"""Writes docs/settings.md from config/settings.py, so that the two cannot disagree. ``make check`` compares them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
OUT = ROOT / "docs" / "settings.md"
HEAD = """\
# Settings

Read once at start from the TOML file that `SALLYPORT_CONFIG` names (else `./sallyport.toml`), and from the
environment, which wins: `SALLYPORT_RELAY__PORT=2525`. Paths are relative to the file. A misspelt name is refused.
Secrets can come from files:
`SALLYPORT_DATABASE_URL_FILE`, `SALLYPORT_VAULT__ACCESS_KEY_FILE`, `SALLYPORT_VAULT__SECRET_KEY_FILE`.

This page is written by `scripts/settings_doc.py` from `config/settings.py`.
"""
SECTIONS = {
    "Settings": "top level",
    "RelaySettings": "[relay]",
    "NextHopSettings": "[[next_hops]]",
    "ServiceSettings": "[service]",
    "VaultSettings": "[vault]",
    "AuditSettings": "[audit]",
    "WitnessSettings": "[[audit.witnesses]]",
    "DisposalSettings": "[disposal]",
    "JournalSettings": "[journal]",
    "SandboxSettings": "[sandbox]",
    "WebSettings": "[web]",
}


def page() -> str:
    """The whole page."""
    source = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    return HEAD + "".join(_section(classes[name], title) for name, title in SECTIONS.items())


def _section(node: ast.ClassDef, title: str) -> str:
    lines = [f"\n## {title}\n", ast.get_docstring(node) or "", "", "| setting | default | kind |", "|---|---|---|"]
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.target.id != "model_config":
            kind = ast.unparse(item.annotation).replace("|", "or")
            if "Settings" not in kind:
                default = ast.unparse(item.value) if item.value else "(must be set)"
                lines.append(f"| `{item.target.id}` | `{default.replace('|', 'or')}` | {kind} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        stale = OUT.read_text(encoding="utf-8") != page()
        sys.exit("docs/settings.md is out of date: run scripts/settings_doc.py" if stale else 0)
    OUT.write_text(page(), encoding="utf-8")
