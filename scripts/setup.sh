#!/usr/bin/env bash
# setup.sh run|dev: makes .venv with the pinned, hash-checked packages, and fetches the pages' style and script; does
# nothing when all is already as the locks say.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-run}
lock=requirements.lock
[ "$kind" = dev ] && lock=requirements-dev.lock
stamp_of() { cat "$1" pyproject.toml scripts/setup.sh | sha256sum | cut -d' ' -f1; }
installed() { [ "$(cat ".venv/.installed-$1" 2>/dev/null)" = "$(stamp_of "$2")" ]; }
as_asked() { # what the development set holds, the plain set needs not install again
  installed "$kind" "$lock" || { [ "$kind" = run ] && installed dev requirements-dev.lock; }
}
as_asked && exec scripts/assets.sh

# A Python that was built without optimisation (as pyenv does unasked) takes a fifth longer for everything here. Debian's
# and Ubuntu's own is built with it, by other means than the flag; so it is taken before one without. PYTHON chooses another.
recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
flagged() { "$1" -c 'import sysconfig as c, sys; sys.exit("--enable-optimizations" not in (c.get_config_var("CONFIG_ARGS") or ""))'; }
python=${PYTHON:-python3}
if [ -z "${PYTHON:-}" ] && recent /usr/bin/python3 && ! flagged python3 2>/dev/null; then python=/usr/bin/python3; fi
command -v "$python" >/dev/null || { echo "setup: Python 3.11 or later is needed: apt-get install python3 python3-venv" >&2; exit 1; }
recent "$python" ||
  { echo "setup: Python 3.11 or later is needed; $("$python" --version) is too old" >&2; exit 1; }

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
make_venv() { "$python" -m venv --clear .venv >/dev/null 2>&1; }
if [ ! -x .venv/bin/pip ]; then
  echo "setup: making the virtual environment"
  # Debian splits ensurepip off into python3-venv.
  make_venv || { echo "setup: installing python3-venv"; as_root apt-get update -qq
                 as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; make_venv; } ||
    { echo "setup: cannot make a virtual environment; please run: sudo apt-get install python3-venv" >&2; exit 1; }
fi
echo "setup: installing the pinned packages of $lock (a minute or two, once)"
# What builds comes first, and pinned; then nothing is built apart from it: an isolated build would fetch what no lock names.
pip() { .venv/bin/pip install -qq --disable-pip-version-check "$@"; }
scripts/build_lock.sh "$lock" >.venv/build.lock
pip --require-hashes -r .venv/build.lock
pip --require-hashes --no-build-isolation --use-pep517 -r "$lock"
pip --no-deps --no-build-isolation -e .
stamp_of "$lock" >".venv/.installed-$kind"
exec scripts/assets.sh
