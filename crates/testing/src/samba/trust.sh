# Has the domain and the other forest trust each other. The domain's DNS learns where the other is first.
set -eu
administrator=Administrator%Passw0rd.a1
samba-tool dns zonecreate dc1.samba.test other.test -U "$administrator"
samba-tool dns add dc1.samba.test other.test dc2 A 10.53.0.2 -U "$administrator"
for record in _kerberos._tcp:88 _kerberos._udp:88 _kpasswd._udp:464 _ldap._tcp:389 _ldap._tcp.dc._msdcs:389 \
    _ldap._tcp.pdc._msdcs:389 _kerberos._tcp.dc._msdcs:88; do
    samba-tool dns add dc1.samba.test other.test "${record%:*}" SRV "dc2.other.test ${record#*:} 0 100" \
        -U "$administrator"
done
samba-tool domain trust create OTHER.TEST --type=forest --direction=both --create-location=both \
    -U Administrator@OTHER.TEST%Passw0rd.a1
