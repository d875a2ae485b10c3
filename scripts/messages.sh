#!/usr/bin/env bash
# messages.sh: takes the words of pages and notices into the translations, and compiles these (needs Debian's gettext).
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=$PWD DJANGO_SETTINGS_MODULE=config.console SALLYPORT_DATABASE_URL=sqlite://:memory:
SALLYPORT_SECRET_KEY=$(head -c 48 /dev/urandom | base64)
export SALLYPORT_SECRET_KEY
ignored=()
for folder in .venv benchmarks classifiers cli config demo docs domain register scripts tests vault web/accounts web/api web/console web/pages; do
  ignored+=(--ignore "$folder/*")
done
.venv/bin/python -m django makemessages --locale cy --no-obsolete --add-location file --no-wrap "${ignored[@]}"
msgfmt --check --output-file web/pickup/locale/cy/LC_MESSAGES/django.mo web/pickup/locale/cy/LC_MESSAGES/django.po
