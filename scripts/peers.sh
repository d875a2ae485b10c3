#!/usr/bin/env bash
# peers.sh: the real programs that the tests speak with. Installed where we are root on Debian or Ubuntu;
# elsewhere the tests that need a missing one skip and say so. In CI nothing may be missing.
set -euo pipefail
wanted=(gnupg sq age jq openssl swaks postfix bubblewrap unzip p7zip-full sqlite3 postgresql radosgw ceph-mon ceph-osd
  prometheus haproxy python3-gi gir1.2-gmime-3.0 chromium fonts-liberation rnp gpgsm libnss3-tools unbound qpdf poppler-utils)
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "peers: not installed, tests that need them will skip: ${missing[*]}" >&2
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi
echo "peers: installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
# A throw-away server must not start by itself while it is being installed.
policy=/usr/sbin/policy-rc.d
[ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; trap 'rm -f $policy' EXIT; }
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
