#!/usr/bin/env bash
# test.sh [pytest arguments]: installs the real peers where it may, runs every test, and holds the coverage floor.
# Without arguments it runs all of it; with arguments only what they select, and no floor.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/peers.sh
export PYTHONPATH=$PWD
unset PYTHONDONTWRITEBYTECODE # hundreds of short processes: the product is compiled once, not by each
if [ $# -gt 0 ]; then exec .venv/bin/python -m pytest "$@"; fi

# Most tests wait for a server or a child, so more processes than cores; a file's tests stay in one, with their servers.
.venv/bin/coverage erase
COVERAGE_PROCESS_START=$PWD/pyproject.toml .venv/bin/python -m pytest -q --durations=15 -n "${TESTS_AT_ONCE:-3}" --dist loadfile
.venv/bin/coverage combine -q
# The rules and the reply codes: every branch, or the run fails.
.venv/bin/coverage report --include='domain/*,gateway/server.py' --fail-under=100 >/dev/null ||
  { echo "test: domain/ and gateway/server.py must be covered in every branch:" >&2
    .venv/bin/coverage report --include='domain/*,gateway/server.py' --skip-covered >&2; exit 1; }
echo "test: domain/ and gateway/server.py are covered in every branch"
