#!/usr/bin/env python3
"""What MIT's library makes of principals on this host.

Each line of the input is a principal and a user, with a tab between them. For each it prints the local name of the principal
(krb5_aname_to_localname), - where it has none, and whether it may be that user (krb5_kuserok). KRB5_CONFIG names the configuration.
There is no Python package for these calls, hence the declarations.
"""

import ctypes
import sys

LONGEST = 256


def main():
    krb5 = ctypes.CDLL("libkrb5.so.3")
    context = ctypes.c_void_p()
    if krb5.krb5_init_context(ctypes.byref(context)):
        sys.exit("no context: is the configuration well-formed?")
    for line in sys.stdin:
        text, user = line.rstrip("\n").split("\t")
        principal = ctypes.c_void_p()
        if krb5.krb5_parse_name(context, text.encode(), ctypes.byref(principal)):
            sys.exit(f"no principal: {text}")
        name = ctypes.create_string_buffer(LONGEST)
        code = krb5.krb5_aname_to_localname(context, principal, LONGEST, name)
        may = krb5.krb5_kuserok(context, principal, user.encode())
        print("-" if code else name.value.decode(), "yes" if may else "no", sep="\t")


if __name__ == "__main__":
    main()
