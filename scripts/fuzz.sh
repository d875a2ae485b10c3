#!/usr/bin/env bash
# fuzz.sh [seconds in all, 600] [target ...]: our own parsers under atheris, from the corpus in tests/fuzz/corpus.
# What is found lies in .fuzz/found; what is new and small is merged into .fuzz/corpus. atheris has no wheel for every
# Python, so it is no dependency: it goes, by its hash, into an environment of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
all=${1:-600}; shift || true
[ -x .fuzz/bin/python ] || { .venv/bin/python -m venv .fuzz
  .fuzz/bin/pip install --quiet --disable-pip-version-check --require-hashes -r scripts/fuzz.lock; }
packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
export PYTHONPATH=$PWD:$packages OMP_THREAD_LIMIT=1
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(.venv/bin/python -c 'from tests.fuzz.targets import TARGETS; print(*TARGETS, sep="\n")')
mkdir -p .fuzz/found; failed=()
for target in "${targets[@]}"; do
  mkdir -p ".fuzz/corpus/$target" "tests/fuzz/corpus/$target"
  echo "== $target: $((all / ${#targets[@]})) s"
  .fuzz/bin/python -m tests.fuzz "$target" ".fuzz/corpus/$target" "tests/fuzz/corpus/$target" \
    -max_total_time=$((all / ${#targets[@]})) -timeout=10 -rss_limit_mb=1024 -max_len=16384 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix=".fuzz/found/$target-" >".fuzz/$target.log" 2>&1 || failed+=("$target")
  grep -h "stat::number_of_executed_units\|stat::peak_rss_mb\|Uncaught Python\|SUMMARY" ".fuzz/$target.log" || true
done
[ ${#failed[@]} -eq 0 ] || { echo "fuzz: found something: ${failed[*]}; see .fuzz/TARGET.log" >&2; exit 1; }
echo "fuzz: nothing found"
