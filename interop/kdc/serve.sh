#!/bin/bash
# Serves $REALM until one of its daemons ends or the container is stopped.
set -euo pipefail
/kdc/seed.sh
trap 'kill $(jobs -p); wait; exit 0' TERM INT
krb5kdc -n -r "$REALM" &
if [ "$ROLE" = primary ]; then
  kadmind -nofork -r "$REALM" &
fi
wait -n
kill $(jobs -p)
exit 1
