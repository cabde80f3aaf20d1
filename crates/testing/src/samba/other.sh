# The first process of another forest's controller, dc2.other.test at 10.53.0.2, in the domain's network. It ends with
# its standard input, and all processes of the forest with it.
set -eu
for place in /etc/samba /var/lib/samba /var/cache/samba /var/log/samba /run/samba; do
    mount -t tmpfs -o mode=755 tmpfs "$place"
done
mkdir -m 700 /var/lib/samba/private
samba-tool domain provision --server-role=dc --dns-backend=SAMBA_INTERNAL --realm=OTHER.TEST --domain=OTHERDOM \
    --adminpass=Passw0rd.a1 --host-name=dc2 --host-ip=10.53.0.2 --option='interfaces=10.53.0.2/32' \
    --option='bind interfaces only=yes' 2>&1
samba-tool user create otto Passw0rd.b1
/usr/sbin/samba --interactive --model=standard --debug-stdout </dev/null 2>&1 &
samba=$!
for port in 53 88 135 389 445 464; do
    until ss --no-header --listening --numeric --tcp | grep --quiet "10.53.0.2:$port "; do
        kill -0 "$samba"
        sleep 0.05
    done
done
echo 'the other forest is served'
cat >/dev/null
