#!/bin/bash
# A single-node Ceph with an S3 gateway, for docker-compose.yml: one monitor, one OSD on a file, one radosgw.
# Everything is kept under /data and starts again from there. One node has no redundancy: back /data up, or use a real cluster.
set -euo pipefail
: "${S3_ACCESS_KEY_FILE:?}" "${S3_SECRET_KEY_FILE:?}"
conf=/data/ceph.conf
mkdir -p /data/mon /data/osd /data/run
[ -s /data/fsid ] || cat /proc/sys/kernel/random/uuid >/data/fsid
[ -s /data/osd-uuid ] || cat /proc/sys/kernel/random/uuid >/data/osd-uuid
cat >$conf <<CONF
[global]
fsid = $(cat /data/fsid)
mon_host = v2:127.0.0.1:3300/0
public_addr = 127.0.0.1
ms_bind_msgr1 = false
# Monitor and OSD listen on this container's loopback alone; S3 clients are authenticated by radosgw.
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = /data/run
mon_allow_pool_size_one = true
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
[mon.a]
mon_data = /data/mon
[osd.0]
osd_data = /data/osd
osd_objectstore = bluestore
bluestore_block_size = ${S3_BYTES:-107374182400}
[client.rgw]
rgw_frontends = beast tcp_nodelay=1 port=7480
ms_mon_client_mode = crc
rgw_dynamic_resharding = false
CONF
if [ ! -d /data/mon/store.db ]; then
  monmaptool --create --clobber --fsid "$(cat /data/fsid)" --addv a '[v2:127.0.0.1:3300]' /data/monmap
  ceph-mon -c $conf --mkfs -i a --monmap /data/monmap
fi
ceph-mon -c $conf -f -i a &
if [ ! -e /data/osd.ready ]; then
  ceph -c $conf --connect-timeout 60 osd new "$(cat /data/osd-uuid)" 0
  ceph-osd -c $conf --mkfs -i 0 --osd-uuid "$(cat /data/osd-uuid)"
  touch /data/osd.ready
fi
ceph-osd -c $conf -f -i 0 &
if [ ! -e /data/user.ready ]; then
  radosgw-admin -c $conf -n client.rgw user create --uid=vault --display-name=vault \
    --access-key="$(cat "$S3_ACCESS_KEY_FILE")" --secret-key="$(cat "$S3_SECRET_KEY_FILE")" >/dev/null
  touch /data/user.ready
fi
radosgw -c $conf -f -n client.rgw &
wait -n # any of the three that ends takes the container down, and compose starts it again
