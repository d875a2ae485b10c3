#!/usr/bin/env bash
# check.sh: what must hold of the source. Everything is run, then the failures are named.
set -uo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=$PWD DJANGO_SETTINGS_MODULE=config.console SALLYPORT_DATABASE_URL=sqlite://:memory:
SALLYPORT_SECRET_KEY=$(head -c 48 /dev/urandom | base64)
export SALLYPORT_SECRET_KEY
failed=()
run() { local name=$1; shift; echo "== $name"; "$@" || failed+=("$name"); }
# An exception from a rule says why: "# noqa: S603 - our own command line".
reasons() { ! git grep -nE "# noqa(: [A-Z0-9, ]+)?$" -- "*.py"; }
run "lint"        .venv/bin/ruff check .
run "reasons"     reasons
run "format"      .venv/bin/ruff format --check --quiet .
run "types"       .venv/bin/mypy
run "layers"      .venv/bin/lint-imports
run "migrations"  .venv/bin/python -m django makemigrations --check --dry-run
run "settings page" .venv/bin/python scripts/settings_doc.py --check
run "dashboard"   .venv/bin/python scripts/dashboard.py --check
run "compose"     .venv/bin/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
run "shell"       bash -n scripts/*.sh
if [ ${#failed[@]} -gt 0 ]; then echo "check: failed: ${failed[*]}" >&2; exit 1; fi
echo "check: all good"
