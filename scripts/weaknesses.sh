#!/usr/bin/env bash
# weaknesses.sh: whether a weakness is known in a pinned package. The data are the Python Packaging Advisory Database's,
# which pip-audit asks PyPI for. A mirror may lack them, and pip-audit then says that it found nothing: so a package that
# is known to be weak is asked for first, and where that is not found, or a package was skipped, nothing is claimed.
# Exit code 1: a weakness is known. 0: none is, or nobody could be asked. With WEAKNESSES=must, the latter is 3.
set -uo pipefail
cd "$(dirname "$0")/.."
found=build/weaknesses.json
unasked() {
  echo "weaknesses: NOT ASKED: $1. WHETHER A PACKAGE HAS A KNOWN WEAKNESS WAS NOT LOOKED AT." >&2
  [ "${WEAKNESSES:-}" = must ] && exit 3
  exit 0
}
audit() { build/pip-audit/bin/pip-audit --progress-spinner off --disable-pip --timeout 15 --format json "$@" 2>build/weaknesses.log; }
# How many packages have a known weakness, and how many were skipped.
counted() { python3 -c 'import json, sys
all = json.load(open(sys.argv[1]))["dependencies"]
print(sum(bool(d.get("vulns")) for d in all), sum("skip_reason" in d for d in all))' "$1" 2>/dev/null; }
mkdir -p build
rm -f "$found" build/weak.json
if [ ! -x build/pip-audit/bin/pip-audit ]; then  # beside the product's packages, for it is no part of them
  python3 -m venv build/pip-audit && build/pip-audit/bin/pip install --quiet --disable-pip-version-check \
    --require-hashes -r scripts/weaknesses.lock 2>build/weaknesses.log ||
    unasked "pip-audit cannot be installed here"
fi
echo 'django==3.2.0' >build/weak.txt
audit --no-deps --requirement build/weak.txt --output build/weak.json
[ "$(counted build/weak.json)" = "1 0" ] || unasked "the weaknesses of Django 3.2.0 are not known here"
audit --require-hashes --requirement requirements.lock --output "$found"
read -r weak skipped <<<"$(counted "$found")" || unasked "the database did not answer"
[ "$weak" = 0 ] || { echo "weaknesses: $weak packages have known ones, see $found" >&2; exit 1; }
[ "$skipped" = 0 ] || unasked "$skipped packages were skipped"
echo "weaknesses: none is known of the packages in requirements.lock"
