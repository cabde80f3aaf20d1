"""The other head of a context: Heimdal's GSS-API library, by ctypes.

    heimdal_peer.py PORT

speaks the frames of frames.py as gss_peer.py does, which documents the commands, and knows those of them that are below.
LD_LIBRARY_PATH leads to the library; credentials and keytab are those that the environment names.
"""

import ctypes
import sys
from ctypes import byref, c_int, c_uint32, c_void_p

import frames
from frames import number

GSS = ctypes.CDLL("libgssapi.so.3")
KRB5 = ctypes.CDLL("libkrb5.so.26")

CONTINUE_NEEDED = 1
ROUTINE_OR_CALLING_ERROR = 0xFFFF0000
GSS_CODE, MECH_CODE = 1, 2


class Octets(ctypes.Structure):
    """`gss_buffer_desc`."""

    _fields_ = [("length", ctypes.c_size_t), ("value", c_void_p)]

    @classmethod
    def of(cls, octets):
        buffer = ctypes.create_string_buffer(octets, len(octets))
        made = cls(len(octets), ctypes.cast(buffer, c_void_p))
        made.keep = buffer
        return made

    def octets(self):
        return ctypes.string_at(self.value, self.length) if self.length else b""


class Oid(ctypes.Structure):
    """`gss_OID_desc`."""

    _fields_ = [("length", c_uint32), ("elements", c_void_p)]

    @classmethod
    def of(cls, encoded):
        octets = bytes.fromhex(encoded)
        buffer = ctypes.create_string_buffer(octets, len(octets))
        made = cls(len(octets), ctypes.cast(buffer, c_void_p))
        made.keep = buffer
        return made


MECHANISMS = {b"krb5": Oid.of("2a864886f712010202"), b"spnego": Oid.of("2b0601050502")}
HOSTBASED_SERVICE = Oid.of("2a864886f71201020104")


class Refused(Exception):
    def __init__(self, major, minor):
        texts = status_texts(major, GSS_CODE) + status_texts(minor, MECH_CODE)
        super().__init__("; ".join(texts))
        self.major, self.minor = major, minor


def status_texts(status, kind):
    texts, minor, more = [], c_uint32(), c_uint32(0)
    while True:
        text = Octets()
        arguments = (c_uint32(status), c_int(kind), byref(MECHANISMS[b"krb5"]), byref(more), byref(text))
        if GSS.gss_display_status(byref(minor), *arguments):
            return texts
        texts.append(text.octets().decode())
        if not more.value:
            return texts


def call(function, *arguments):
    """Calls a function of the library with `minor` before these, and gives its major status if that is none of failure."""
    minor = c_uint32()
    major = getattr(GSS, function)(byref(minor), *arguments) & 0xFFFFFFFF
    if major & ROUTINE_OR_CALLING_ERROR:
        raise Refused(major, minor.value)
    return major


def require_in_sequence(major):
    """What is duplicate, old or out of sequence is refused, as gss_peer.py does."""
    if major:
        raise Refused(major, 0)


COMMANDS = {}


def command(function):
    COMMANDS[function.__name__.replace("_", "-").encode()] = function
    return function


class Peer:
    """One context."""

    def __init__(self):
        self.context = c_void_p()
        self.advance = None

    @command
    def version(self):
        """What the library says of itself."""
        return [ctypes.c_char_p.in_dll(KRB5, "heimdal_version").value]

    @command
    def initiate(self, mechanism, flags, target, _bindings, _credential):
        name = c_void_p()
        call("gss_import_name", byref(Octets.of(target)), byref(HOSTBASED_SERVICE), byref(name))
        self.context = c_void_p()

        def advance(token, output):
            return call(
                "gss_init_sec_context",
                None,
                byref(self.context),
                name,
                byref(MECHANISMS[mechanism]),
                c_uint32(int(flags)),
                c_uint32(0),
                None,
                byref(Octets.of(token)) if token else None,
                None,
                byref(output),
                None,
                None,
            )

        self.advance = advance
        return []

    @command
    def accept(self, _bindings):
        self.context = c_void_p()

        def advance(token, output):
            return call(
                "gss_accept_sec_context",
                byref(self.context),
                None,
                byref(Octets.of(token)),
                None,
                None,
                None,
                byref(output),
                None,
                None,
                None,
            )

        self.advance = advance
        return []

    @command
    def step(self, token):
        output = Octets()
        major = self.advance(token, output)
        return [b"more" if major & CONTINUE_NEEDED else b"done", output.octets()]

    @command
    def inquire(self):
        initiator, acceptor, mechanism = c_void_p(), c_void_p(), ctypes.POINTER(Oid)()
        lifetime, flags, is_open = c_uint32(), c_uint32(), c_int()
        call(
            "gss_inquire_context",
            self.context,
            byref(initiator),
            byref(acceptor),
            byref(lifetime),
            byref(mechanism),
            byref(flags),
            None,
            byref(is_open),
        )
        return [
            displayed(initiator),
            displayed(acceptor),
            number(lifetime.value),
            dotted(mechanism),
            number(flags.value),
            boolean(is_open.value),
        ]

    @command
    def wrap(self, confidential, message):
        output, sealed = Octets(), c_int()
        asked = c_int(int(confidential))
        call("gss_wrap", self.context, asked, c_uint32(0), byref(Octets.of(message)), byref(sealed), byref(output))
        return [output.octets()]

    @command
    def unwrap(self, token):
        output, sealed, qop = Octets(), c_int(), c_uint32()
        major = call("gss_unwrap", self.context, byref(Octets.of(token)), byref(output), byref(sealed), byref(qop))
        require_in_sequence(major)
        return [output.octets(), boolean(sealed.value)]

    @command
    def get_mic(self, message):
        output = Octets()
        call("gss_get_mic", self.context, c_uint32(0), byref(Octets.of(message)), byref(output))
        return [output.octets()]

    @command
    def verify_mic(self, message, mic):
        qop = c_uint32()
        major = call("gss_verify_mic", self.context, byref(Octets.of(message)), byref(Octets.of(mic)), byref(qop))
        require_in_sequence(major)
        return []


def displayed(name):
    output = Octets()
    call("gss_display_name", name, byref(output), None)
    return output.octets()


def dotted(oid):
    output = Octets()
    call("gss_oid_to_str", oid, byref(output))
    return output.octets().rstrip(b"\0")


def boolean(value):
    return b"1" if value else b"0"


def answer(peer, fields):
    try:
        return [b"ok", *COMMANDS[fields[0]](peer, *fields[1:])]
    except Refused as refused:
        return frames.error(refused, refused.major, refused.minor)
    except Exception as error:
        return frames.error(error)


if __name__ == "__main__":
    peer = Peer()
    frames.serve(int(sys.argv[1]), lambda fields: answer(peer, fields))
