#!/bin/bash
# Whether the KDC gives tickets, and somebody listens for changes of passwords where that is this container's role.
set -euo pipefail
kinit -c MEMORY:health -k -t /var/lib/krb5kdc/health.keytab "health@$REALM"
[ "$ROLE" = replica ] || : 2>/dev/null </dev/tcp/127.0.0.1/464
