"""Makes the accounts of the domain, in its database, and exports keytabs into the directory that is named.

All have the same password. Users are kinds of keys and states, services are named after what is tried with them.
"""

import os
import sys

import ldb
from samba import dckeytab  # noqa: F401, gives Net its export_keytab
from samba import dsdb
from samba.auth import system_session
from samba.dcerpc import security
from samba.ndr import ndr_pack
from samba.net import Net
from samba.param import LoadParm
from samba.samdb import SamDB

PASSWORD = "Passw0rd.b1"
RC4, AES = 0x04, 0x18

directory = sys.argv[1]
parameters = LoadParm()
parameters.load_default()
sam = SamDB(session_info=system_session(), lp=parameters)


def change(dn, attribute, *values, controls=()):
    message = ldb.Message(dn if isinstance(dn, ldb.Dn) else ldb.Dn(sam, dn))
    flag = ldb.FLAG_MOD_REPLACE if values else ldb.FLAG_MOD_DELETE
    message[attribute] = ldb.MessageElement(list(values), flag, attribute)
    sam.modify(message, list(controls))


def account(name):
    found = sam.search(expression=f"(sAMAccountName={name})", attrs=["objectSid"])[0]
    return found.dn, sam.schema_format_value("objectSid", found["objectSid"][0]).decode()


def user(name, *services, **attributes):
    sam.newuser(name, PASSWORD)
    dn, _ = account(name)
    if services:
        change(dn, "servicePrincipalName", *services)
    for attribute, value in attributes.items():
        change(dn, attribute.replace("_", "-"), str(value))
    return dn


# So that tests may change passwords as often as they like, and an account can be locked.
for attribute, value in [("minPwdAge", "0"), ("pwdHistoryLength", "0"), ("lockoutThreshold", "5")]:
    change(sam.domain_dn(), attribute, value)

# Users. Those that tests change are theirs alone.
user("bob")
user("changer")
user("reset")
user("aes", msDS_SupportedEncryptionTypes=AES)
rc4 = user("rc4")
bypass = f"local_oid:{dsdb.DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID}:0"
change(rc4, "supplementalCredentials", controls=[bypass])
user("protected")
sam.add_remove_group_members("Protected Users", ["protected"], add_members_operation=True)
user("sensitive", userAccountControl=dsdb.UF_NORMAL_ACCOUNT | dsdb.UF_NOT_DELEGATED)
user("expired", accountExpires=116444736000000000)
user("mustchange", pwdLastSet=0)
user("locked")
user("disabled", userAccountControl=dsdb.UF_NORMAL_ACCOUNT | dsdb.UF_ACCOUNTDISABLE)
user("upn", userPrincipalName="first.last@corp.example")
user("grouped")
for group, members, kind in [
    ("operators", ["grouped"], dsdb.GTYPE_SECURITY_GLOBAL_GROUP),
    ("everywhere", ["operators"], dsdb.GTYPE_SECURITY_UNIVERSAL_GROUP),
    ("here", ["grouped"], dsdb.GTYPE_SECURITY_DOMAIN_LOCAL_GROUP),
]:
    sam.newgroup(group, grouptype=kind)
    sam.add_remove_group_members(group, members, add_members_operation=True)
user("trusting", userAccountControl=dsdb.UF_NORMAL_ACCOUNT | dsdb.UF_DONT_REQUIRE_PREAUTH)

# Services. A fresh account gets tickets with RC4 keys.
user("svcfresh", "HTTP/fresh.samba.test")
user("svcaes", "HTTP/aes.samba.test", "host/aes.samba.test", msDS_SupportedEncryptionTypes=AES)
user("svctarget", "HTTP/target.samba.test", msDS_SupportedEncryptionTypes=AES)
delegating = user(
    "svcdeleg",
    "HTTP/deleg.samba.test",
    msDS_SupportedEncryptionTypes=AES,
    userAccountControl=dsdb.UF_NORMAL_ACCOUNT | dsdb.UF_TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION,
)
change(delegating, "msDS-AllowedToDelegateTo", "HTTP/target.samba.test")
user("svcfront", "HTTP/front.samba.test", msDS_SupportedEncryptionTypes=AES)
rbcd, _ = account("svcaes")
_, front = account("svcfront")
allowed = security.descriptor.from_sddl(f"O:BAD:(A;;CR;;;{front})", security.dom_sid(sam.get_domain_sid()))
change(rbcd, "msDS-AllowedToActOnBehalfOfOtherIdentity", ndr_pack(allowed))

# A machine, as a join leaves it.
sam.newcomputer("wks1", service_principal_name_list=["host/wks1.samba.test", "RestrictedKrbHost/wks1.samba.test"])
machine, _ = account("wks1$")
change(machine, "dNSHostName", "wks1.samba.test")
change(machine, "msDS-SupportedEncryptionTypes", str(RC4 | AES))
change(machine, "userAccountControl", str(dsdb.UF_WORKSTATION_TRUST_ACCOUNT))
sam.setpassword("(sAMAccountName=wks1$)", PASSWORD)

net = Net(None, parameters)
for keytab, principals in {
    "fresh": ["HTTP/fresh.samba.test"],
    "aes": ["HTTP/aes.samba.test", "host/aes.samba.test", "svcaes"],
    "deleg": ["HTTP/deleg.samba.test", "svcdeleg"],
    "front": ["HTTP/front.samba.test", "svcfront"],
    "target": ["HTTP/target.samba.test"],
    "wks1": ["wks1$", "host/wks1.samba.test", "RestrictedKrbHost/wks1.samba.test"],
    "dc1": ["DC1$", "HOST/dc1.samba.test"],
}.items():
    for principal in principals:
        net.export_keytab(keytab=os.path.join(directory, keytab + ".keytab"), principal=principal)
