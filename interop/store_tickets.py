"""Stores the first entry of a FILE cache into that cache again, COUNT times, with MIT's libkrb5.

    store_tickets.py PATH COUNT

Before each time it looks for an entry of another writer, but not for ever: so the writers alternate as long as there are others.
"""

import ctypes
import os
import sys

LARGER_THAN_KRB5_CREDS = 1024
LOOKS = 1000


def main(path, count):
    """The credential is passed on as the library read it; nothing here knows its layout."""
    krb5 = ctypes.CDLL("libkrb5.so.3")
    context, cache, cursor = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    credential = ctypes.create_string_buffer(LARGER_THAN_KRB5_CREDS)

    def call(function, *arguments):
        code = getattr(krb5, function)(*arguments)
        if code != 0:
            sys.exit(f"{function}: {code}")

    call("krb5_init_context", ctypes.byref(context))
    call("krb5_cc_resolve", context, f"FILE:{path}".encode(), ctypes.byref(cache))
    call("krb5_cc_start_seq_get", context, cache, ctypes.byref(cursor))
    call("krb5_cc_next_cred", context, cache, ctypes.byref(cursor), credential)
    call("krb5_cc_end_seq_get", context, cache, ctypes.byref(cursor))
    for _ in range(count):
        size = os.stat(path).st_size
        any(os.stat(path).st_size > size for _ in range(LOOKS))
        call("krb5_cc_store_cred", context, cache, credential)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
