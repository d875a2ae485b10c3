#!/bin/sh
# start.sh: takes mail at port 25, hands all of it to the relay, takes it back at port 10026, and hands it on.
# HOSTNAME_OUT is the name it greets with; OFFICE the networks that may send; INSIDE the relay's, with commas. CONFIG is for tests.
set -eu
CONFIG=${CONFIG:-/etc/postfix}
set_() { postconf -c "$CONFIG" -e "$1"; }
set_ "myhostname = $HOSTNAME_OUT"
set_ "mydestination ="
set_ "inet_interfaces = all"
set_ "mynetworks = $OFFICE"
set_ "smtpd_relay_restrictions = permit_mynetworks, reject"
set_ "smtp_tls_security_level = may"
set_ "maillog_file = /dev/stdout"
RELAY=${RELAY:-relay:2525}
set_ "content_filter = smtp:[${RELAY%:*}]:${RELAY##*:}"
set_ "smtp_destination_recipient_limit = 100"
set_ "smtp_line_length_limit = 0"
postconf -c "$CONFIG" -M "10026/inet=10026 inet n - n - - smtpd"
for each in "content_filter=" "mynetworks=$INSIDE" "smtpd_relay_restrictions=permit_mynetworks,reject" \
  "smtpd_recipient_restrictions=permit_mynetworks,reject" \
  "receive_override_options=no_unknown_recipient_checks,no_milters"; do
  postconf -c "$CONFIG" -P "10026/inet/$each"
done
[ "$CONFIG" = /etc/postfix ] || exit 0
exec postfix start-fg
