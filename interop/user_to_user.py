#!/usr/bin/env python3
"""MIT's library takes an AP-REQ with the session key of a ticket-granting ticket (user-to-user).

Usage: user_to_user.py ENCTYPE KEY AP-REQ, the last two in hexadecimal. It prints the library's code, 0 where the request was
taken, and the request's options. There is no Python package for these calls, hence the declarations.
"""

import ctypes
import sys


class Data(ctypes.Structure):
    """krb5_data"""

    _fields_ = [
        ("magic", ctypes.c_int32),
        ("length", ctypes.c_uint),
        ("data", ctypes.c_char_p),
    ]


class Keyblock(ctypes.Structure):
    """krb5_keyblock"""

    _fields_ = [
        ("magic", ctypes.c_int32),
        ("enctype", ctypes.c_int32),
        ("length", ctypes.c_uint),
        ("contents", ctypes.c_char_p),
    ]


def main(enctype, key, request):
    krb5 = ctypes.CDLL("libkrb5.so.3")
    context, exchange, ticket = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    options = ctypes.c_int32()
    key = Keyblock(0, enctype, len(key), key)
    request = Data(0, len(request), request)
    code = (
        krb5.krb5_init_context(ctypes.byref(context))
        or krb5.krb5_auth_con_init(context, ctypes.byref(exchange))
        or krb5.krb5_auth_con_setuseruserkey(context, exchange, ctypes.byref(key))
        or krb5.krb5_rd_req(
            context,
            ctypes.byref(exchange),
            ctypes.byref(request),
            None,
            None,
            ctypes.byref(options),
            ctypes.byref(ticket),
        )
    )
    print(code, f"{options.value & 0xFFFFFFFF:#010x}")


if __name__ == "__main__":
    main(int(sys.argv[1]), bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3]))
