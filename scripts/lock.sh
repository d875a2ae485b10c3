#!/usr/bin/env bash
# lock.sh: resolves pyproject.toml into requirements.lock and requirements-dev.lock: hashes, every Python from 3.11, no
# index address. So does it what looks for known weaknesses, which stands beside the product's packages.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "lock: uv is needed: pip install uv" >&2; exit 1; }
compile() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links "$@"; }
compile --extra build -o requirements.lock pyproject.toml
compile --extra build --extra dev -o requirements-dev.lock pyproject.toml
echo 'pip-audit>=2.9,<3' | compile --no-annotate -o scripts/weaknesses.lock -
