"""Two ends that share a key: MIT's libkrb5, told what to do with either of them.

    krb5_peer.py PORT

speaks frames.py's frames. A command is the name of a function below that is marked as one. `begin` has the library
make an AP exchange with itself; then each of its two authentication contexts can be one end of a session, of which the test
is the other. An END is `initiator` or `acceptor`.

Credentials, keytab and replay cache are those that the environment names (KRB5_CONFIG, KRB5CCNAME, KRB5_KTNAME,
KRB5RCACHENAME).
"""

import ctypes
import sys
from ctypes import POINTER, byref, c_int32, c_uint32, c_void_p

import frames
from frames import number

krb5 = ctypes.CDLL("libkrb5.so.3")
krb5.krb5_get_error_message.restype = c_void_p
krb5.krb5_get_error_message.argtypes = [c_void_p, c_int32]

AP_OPTS_MUTUAL_REQUIRED = 0x20000000
AP_OPTS_USE_SUBKEY = 1
FORWARDABLE = 1

COMMANDS = {}


class Krb5Error(Exception):
    """The library refused."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class Data(ctypes.Structure):
    """`krb5_data`."""

    _fields_ = [("magic", c_int32), ("length", c_uint32), ("data", c_void_p)]

    @classmethod
    def of(cls, octets):
        buffer = ctypes.create_string_buffer(octets, len(octets))
        made = cls(0, len(octets), ctypes.cast(buffer, c_void_p))
        made.keep = buffer
        return made

    def octets(self):
        return ctypes.string_at(self.data, self.length)


class TypedOctets(ctypes.Structure):
    """`krb5_keyblock` and `krb5_address`, which look alike."""

    _fields_ = [("magic", c_int32), ("kind", c_int32), ("length", c_uint32), ("data", c_void_p)]

    @classmethod
    def of(cls, kind, octets):
        buffer = ctypes.create_string_buffer(octets, len(octets))
        made = cls(0, kind, len(octets), ctypes.cast(buffer, c_void_p))
        made.keep = buffer
        return made

    def octets(self):
        return ctypes.string_at(self.data, self.length)


def command(function):
    """Marks a method as one that the other side may call, by its name with hyphens."""
    COMMANDS[function.__name__.replace("_", "-").encode()] = function
    return function


class Peer:
    """A library context, and the two ends."""

    def __init__(self):
        self.context = c_void_p()
        self.ends = {}
        code = krb5.krb5_init_context(byref(self.context))
        if code != 0:
            sys.exit(f"krb5_init_context: {code}")

    def call(self, function, *arguments):
        code = getattr(krb5, function)(self.context, *arguments)
        if code != 0:
            text = ctypes.string_at(krb5.krb5_get_error_message(self.context, code))
            raise Krb5Error(code, f"{function}: {text.decode()}")

    @command
    def begin(self, service, host, flags):
        """An AP exchange with a host-based service. `flags` are those of authentication contexts: 1 has messages carry times, 4
        numbers. Gives the enctype and the octets of the key, and the numbers of the initiator's and the acceptor's next message."""
        initiator, acceptor = c_void_p(), c_void_p()
        for end in (initiator, acceptor):
            self.call("krb5_auth_con_init", byref(end))
            self.call("krb5_auth_con_setflags", end, c_int32(int(flags)))
        cache, request, reply = c_void_p(), Data(), Data()
        self.call("krb5_cc_default", byref(cache))
        options = c_int32(AP_OPTS_MUTUAL_REQUIRED | AP_OPTS_USE_SUBKEY)
        self.call(
            "krb5_mk_req", byref(initiator), options, service, host, None, cache, byref(request)
        )
        self.call("krb5_rd_req", byref(acceptor), byref(request), None, None, None, None)
        self.call("krb5_mk_rep", acceptor, byref(reply))
        part = c_void_p()
        self.call("krb5_rd_rep", initiator, byref(reply), byref(part))
        self.ends = {b"initiator": initiator, b"acceptor": acceptor}
        key = POINTER(TypedOctets)()
        self.call("krb5_auth_con_getsendsubkey", initiator, byref(key))
        numbers = [self.next_number(end) for end in (initiator, acceptor)]
        return [number(key.contents.kind), key.contents.octets(), *numbers]

    def next_number(self, end):
        found = c_int32()
        self.call("krb5_auth_con_getlocalseqnumber", end, byref(found))
        return number(found.value)

    @command
    def addresses(self, end, local_type, local, remote_type, remote):
        """Where an end is and where its peer; without the latter's type, anywhere."""
        remote_address = byref(TypedOctets.of(int(remote_type), remote)) if remote_type else None
        self.call(
            "krb5_auth_con_setaddrs",
            self.ends[end],
            byref(TypedOctets.of(int(local_type), local)),
            remote_address,
        )
        return []

    @command
    def sign(self, end, message):
        """A KRB-SAFE."""
        return self.made("krb5_mk_safe", end, message)

    @command
    def verify(self, end, message):
        return self.made("krb5_rd_safe", end, message)

    @command
    def seal(self, end, message):
        """A KRB-PRIV."""
        return self.made("krb5_mk_priv", end, message)

    @command
    def open(self, end, message):
        return self.made("krb5_rd_priv", end, message)

    def made(self, function, end, message):
        output = Data()
        self.call(function, self.ends[end], byref(Data.of(message)), byref(output), None)
        return [output.octets()]

    @command
    def forward(self, end, host):
        """A KRB-CRED with a forwarded ticket-granting ticket, which the library gets for this purpose."""
        cache, client, server, output = c_void_p(), c_void_p(), c_void_p(), Data()
        self.call("krb5_cc_default", byref(cache))
        self.call("krb5_cc_get_principal", cache, byref(client))
        self.call("krb5_sname_to_principal", host, b"host", 3, byref(server))
        self.call(
            "krb5_fwd_tgt_creds",
            self.ends[end],
            host,
            client,
            server,
            cache,
            FORWARDABLE,
            byref(output),
        )
        return [output.octets()]

    @command
    def take_credentials(self, end, message, cache_name):
        """Reads a KRB-CRED, and begins a cache with its tickets: how many there were."""
        credentials = POINTER(c_void_p)()
        self.call(
            "krb5_rd_cred",
            self.ends[end],
            byref(Data.of(message)),
            byref(credentials),
            None,
        )
        count = 0
        while credentials[count]:
            count += 1
        cache = c_void_p()
        self.call("krb5_cc_resolve", cache_name, byref(cache))
        self.call("krb5_cc_initialize", cache, c_void_p(client_of(credentials[0])))
        for index in range(count):
            self.call("krb5_cc_store_cred", cache, c_void_p(credentials[index]))
        return [number(count)]


def client_of(credential):
    """The second field of `krb5_creds`, behind a number of 32 bits."""
    return ctypes.cast(credential, POINTER(c_void_p))[1]


def answer(peer, fields):
    try:
        return [b"ok", *COMMANDS[fields[0]](peer, *fields[1:])]
    except Krb5Error as error:
        return frames.error(error, 0, error.code)
    except Exception as error:
        return frames.error(error)


if __name__ == "__main__":
    peer = Peer()
    frames.serve(int(sys.argv[1]), lambda fields: answer(peer, fields))
