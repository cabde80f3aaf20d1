#!/bin/bash
# Makes the database of $REALM out of principals.tsv, with a keytab of all random keys, unless it is there.
set -euo pipefail
directory=/var/lib/krb5kdc
[ ! -e "$directory/seeded" ] || exit 0

cat >"$KRB5_CONFIG" <<CONF
[libdefaults]
    default_realm = $REALM
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
[realms]
    $REALM = {
        kdc = 127.0.0.1
    }
[domain_realm]
    .orthros.test = ORTHROS.TEST
    .other.test = OTHER.TEST
CONF
cat >"$KRB5_KDC_PROFILE" <<CONF
[kdcdefaults]
    kdc_listen = 88
    kdc_tcp_listen = 88
[realms]
    $REALM = {
        database_module = db
        acl_file = $directory/kadm5.acl
        key_stash_file = $directory/stash
        max_life = 24h
        max_renewable_life = 7d
        default_principal_flags = +forwardable,+renewable
        supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal aes256-cts-hmac-sha384-192:normal aes128-cts-hmac-sha256-128:normal camellia128-cts-cmac:normal camellia256-cts-cmac:normal
    }
[dbmodules]
    db = {
        db_library = db2
        database_name = $directory/principal
        disable_last_success = true
        disable_lockout = true
    }
[logging]
    kdc = STDERR
    admin_server = STDERR
    default = STDERR
CONF
: >"$directory/kadm5.acl"

kadmin() {
  kadmin.local -r "$REALM" "$@" >/dev/null
}
kdb5_util -r "$REALM" create -s -P master >/dev/null
while IFS=$'\t' read -r realm principal password options; do
  [ "$realm" = "$REALM" ] || continue
  [ "$options" != - ] || options=
  # The options are several words.
  if [ "$password" = - ]; then
    kadmin addprinc $options -randkey "$principal"
    kadmin ktadd -k "$directory/keytab" -norandkey "$principal"
  else
    kadmin addprinc $options -pw "$password" "$principal"
  fi
done </kdc/principals.tsv
kadmin addprinc -randkey health
kadmin ktadd -k "$directory/health.keytab" -norandkey health
touch "$directory/seeded"
