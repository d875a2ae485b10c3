#!/usr/bin/env bash
# rgw.sh start|stop: a throw-away Ceph RGW for the tests, loopback only, root. cephx is off: never for real data.
# RGW_DIR is its folder; RGW_PORT and RGW_MON_PORT its ports; RGW_ACCESS_KEY and RGW_SECRET_KEY its only user.
set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
: "${RGW_DIR:?}" "${RGW_PORT:?}" "${RGW_MON_PORT:?}" "${RGW_ACCESS_KEY:?}" "${RGW_SECRET_KEY:?}"
conf=$RGW_DIR/ceph.conf

fail() { echo "rgw.sh: $*" >&2; exit 1; }

install() {
  local tool missing=
  for tool in radosgw ceph-mon ceph-osd ceph monmaptool radosgw-admin; do
    command -v "$tool" >/dev/null || missing=$tool
  done
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || fail "Ceph is not installed, and only root may install it"
  apt-get update -qq && apt-get install -y -qq --no-install-recommends radosgw ceph-mon ceph-osd ceph-common >/dev/null
}

configure() {
  mkdir -p "$RGW_DIR"/{mon,osd,log,run}
  cat /proc/sys/kernel/random/uuid >"$RGW_DIR/fsid"
  cat /proc/sys/kernel/random/uuid >"$RGW_DIR/osd-uuid"
  cat >"$conf" <<CONF
[global]
fsid=$(cat "$RGW_DIR/fsid")
mon_host=v2:127.0.0.1:$RGW_MON_PORT/0
public_addr=127.0.0.1
cluster_addr=127.0.0.1
ms_bind_msgr1=false
auth_cluster_required=none
auth_service_required=none
auth_client_required=none
run_dir=$RGW_DIR/run
admin_socket=$RGW_DIR/run/\$name.asok
log_file=$RGW_DIR/log/\$name.log
mon_cluster_log_file=$RGW_DIR/log/cluster.log
crash_dir=$RGW_DIR/run
mon_allow_pool_size_one=true
osd_pool_default_size=1
osd_pool_default_min_size=1
osd_pool_default_pg_num=8
osd_pool_default_pg_autoscale_mode=off
osd_crush_chooseleaf_type=0
[mon.a]
mon_data=$RGW_DIR/mon
mon_data_avail_warn=2
mon_data_avail_crit=1
paxos_propose_interval=0.05
[osd.0]
osd_data=$RGW_DIR/osd
# in memory: nothing of a test run needs to outlive it
osd_objectstore=memstore
memstore_device_bytes=2147483648
osd_memory_target=1073741824
[client.rgw]
rgw_data=$RGW_DIR/run
# without tcp_nodelay every small reply takes 40 ms longer
rgw_frontends=beast tcp_nodelay=1 endpoint=127.0.0.1:$RGW_PORT
# the default, "secure", does not exist where authentication is off: it would hang
ms_mon_client_mode=crc
rgw_override_bucket_index_max_shards=1
rgw_dynamic_resharding=false
rados_osd_op_timeout=15
rados_mon_op_timeout=15
CONF
}

setup() { timeout 120 "$@" >>"$RGW_DIR/log/setup.out" 2>&1 || fail "'$1' failed; see $RGW_DIR/log/setup.out"; }

spawn() { # name, command...
  local name=$1; shift
  (cd /; exec setsid "$@") >>"$RGW_DIR/log/$name.out" 2>&1 </dev/null &
  echo $! >"$RGW_DIR/$name.pid"
}

start() {
  install
  configure
  setup monmaptool --create --clobber --fsid "$(cat "$RGW_DIR/fsid")" --addv a "[v2:127.0.0.1:$RGW_MON_PORT]" "$RGW_DIR/monmap"
  setup ceph-mon -c "$conf" --mkfs -i a --monmap "$RGW_DIR/monmap"
  spawn mon ceph-mon -c "$conf" -f -i a
  setup ceph -c "$conf" --connect-timeout 60 osd new "$(cat "$RGW_DIR/osd-uuid")" 0
  setup ceph-osd -c "$conf" --mkfs -i 0 --osd-uuid "$(cat "$RGW_DIR/osd-uuid")"
  spawn osd ceph-osd -c "$conf" -f -i 0
  # waits for the OSD, and makes zone and pools
  setup radosgw-admin -c "$conf" -n client.rgw --rados-osd-op-timeout=0 --rados-mon-op-timeout=0 user create \
    --uid=tests --display-name=tests --access-key="$RGW_ACCESS_KEY" --secret-key="$RGW_SECRET_KEY"
  spawn rgw radosgw -c "$conf" -f -n client.rgw
  for _ in $(seq 300); do
    (exec 3<>"/dev/tcp/127.0.0.1/$RGW_PORT") 2>/dev/null && return
    kill -0 "$(cat "$RGW_DIR/rgw.pid")" 2>/dev/null || fail "radosgw died; see $RGW_DIR/log/rgw.out"
    sleep 0.1
  done
  fail "radosgw does not answer"
}

stop() { # only what was started here, by its number, and only while that number is still ours
  local name pid
  for name in rgw osd mon; do
    pid=$(cat "$RGW_DIR/$name.pid" 2>/dev/null) || continue
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$conf" && kill -9 "$pid" 2>/dev/null || true
  done
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  *) fail "usage: rgw.sh start|stop" ;;
esac
