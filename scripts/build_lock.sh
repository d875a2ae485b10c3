#!/usr/bin/env bash
# build_lock.sh LOCK: the lines of a lock, with their hashes, for what builds the packages that come as source alone.
set -euo pipefail
awk '/^[a-z]/ { of = /^(setuptools|setuptools-scm|vcs-versioning|packaging)==/ } of && !/^ *#/' "$1"
