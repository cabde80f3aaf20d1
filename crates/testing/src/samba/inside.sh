# The first process of the domain's namespaces: makes them the machine of a domain controller, serves the domain, and
# ends with its standard input, which the test holds open. All processes in here end with it.
# $1 is the directory that the test shares with the domain, $2 the script that makes the accounts.
set -eu
directory=$1

# A host of the domain: what is not said about realms follows from its name.
hostname www.samba.test
ip link set lo up
for host in 1 2 3 4; do
    ip address add "10.53.0.$host/32" dev lo
done

# /etc is a copy without what says where realms and names are, and all that Samba writes is in memory: nothing of it
# reaches the machine's own.
mkdir "$directory/etc"
mount -t tmpfs -o mode=755 tmpfs "$directory/etc"
cp -a /etc/. "$directory/etc"
mount --move "$directory/etc" /etc
rm -rf /etc/krb5.conf /etc/krb5.conf.d /etc/krb5.keytab /etc/hosts /etc/resolv.conf /etc/nsswitch.conf
printf '%s\n' '127.0.0.1 localhost' '10.53.0.1 dc1.samba.test dc1' '10.53.0.3 www.samba.test www' >/etc/hosts
printf '%s\n' 'search samba.test' 'nameserver 10.53.0.1' >/etc/resolv.conf
printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' >/etc/nsswitch.conf
for place in /etc/samba /var/lib/samba /var/cache/samba /var/log/samba /run/samba; do
    mkdir -p "$place"
    mount -t tmpfs -o mode=755 tmpfs "$place"
done
mkdir -m 700 /var/lib/samba/private

samba-tool domain provision --server-role=dc --use-rfc2307 --dns-backend=SAMBA_INTERNAL --realm=SAMBA.TEST \
    --domain=SAMBADOM --adminpass=Passw0rd.a1 --host-name=dc1 --host-ip=10.53.0.1 \
    --option='interfaces=10.53.0.1/32' --option='bind interfaces only=yes' >"$directory/provision.log" 2>&1 ||
    { cat "$directory/provision.log" >&2; exit 1; }
# It takes the name server of resolv.conf as the one to ask further: itself.
sed -i -e '/dns forwarder/d' \
    -e 's/^\[global\]/[global]\n\tldap server require strong auth = allow_sasl_over_tls/' /etc/samba/smb.conf
/usr/bin/python3 -c "$2" "$directory"

# `single` would wait for itself where a request to the domain makes it ask the domain.
/usr/sbin/samba --interactive --model=standard --debug-stdout </dev/null 2>&1 &
samba=$!
is_listening() {
    ss --no-header --listening --numeric --tcp | grep --quiet "10.53.0.1:$1 "
}
for port in 53 88 135 389 445 464 636; do
    until is_listening "$port"; do
        kill -0 "$samba"
        sleep 0.05
    done
done
echo 'the domain is served'

cat >/dev/null
rm -rf "$directory"
