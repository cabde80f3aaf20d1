"""The other head of a context: MIT krb5's GSS-API library, told what to do over a loopback connection.

    gss_peer.py PORT

speaks frames.py's frames. A command is the name of a function below that is marked as one.

There is one current context, and at most one credential that was delegated to it. Credentials, keytab and
replay cache are those that the environment names (KRB5_CONFIG, KRB5CCNAME, KRB5_KTNAME, KRB5RCACHENAME).
"""

import ctypes
import sys

import gssapi.raw as gss

import frames
from frames import number

MECHANISMS = {
    b"krb5": gss.OID.from_int_seq("1.2.840.113554.1.2.2"),
    b"spnego": gss.OID.from_int_seq("1.3.6.1.5.5.2"),
}

NO_CI_FLAGS = gss.OID.from_int_seq("1.2.752.43.13.29")

SESSION_KEY = gss.OID.from_int_seq("1.2.840.113554.1.2.2.5.5")

BUFFER_TYPES = {
    b"data": gss.IOVBufferType.data,
    b"header": gss.IOVBufferType.header,
    b"trailer": gss.IOVBufferType.trailer,
    b"padding": gss.IOVBufferType.padding,
    b"stream": gss.IOVBufferType.stream,
    b"sign-only": gss.IOVBufferType.sign_only,
    b"mic": gss.IOVBufferType.mic_token,
}

COMMANDS = {}


def command(function):
    """Marks a method as one that the other side may call, by its name with hyphens."""
    COMMANDS[function.__name__.replace("_", "-").encode()] = function
    return function


class Peer:
    """One context and what belongs to it."""

    def __init__(self):
        self.context = None
        self.advance = None
        self.delegated = None

    @command
    def initiate(self, mechanism, flags, target, bindings, credential):
        """Begins a context with a host-based service; the first token comes of `step`.

        `credential` is empty for the default one, `delegated`, or `no-ci-flags` for the default one with
        `GSS_KRB5_CRED_NO_CI_FLAGS_X` set.
        """
        name = gss.import_name(target, gss.NameType.hostbased_service)
        credentials = self.delegated if credential == b"delegated" else None
        if credential == b"no-ci-flags":
            credentials = gss.acquire_cred(None, usage="initiate").creds
            gss.set_cred_option(NO_CI_FLAGS, credentials)
        self.context = None

        def advance(token):
            result = gss.init_sec_context(
                name,
                creds=credentials,
                context=self.context,
                mech=MECHANISMS[mechanism],
                flags=int(flags),
                channel_bindings=channel_bindings(bindings),
                input_token=token or None,
            )
            self.context = result.context
            return result

        self.advance = advance
        return []

    @command
    def accept(self, bindings):
        """Waits for a first token, for whatever service the keytab has, by either mechanism."""
        self.context = None
        self.delegated = None

        def advance(token):
            result = gss.accept_sec_context(
                token, context=self.context, channel_bindings=channel_bindings(bindings)
            )
            self.context = result.context
            self.delegated = result.delegated_creds
            return result

        self.advance = advance
        return []

    @command
    def step(self, token):
        """Takes the peer's token (empty at an initiator's start): whether more are needed, and what to send."""
        result = self.advance(token)
        return [b"more" if result.more_steps else b"done", result.token or b""]

    @command
    def inquire(self):
        """Names of initiator and acceptor, lifetime, mechanism, flags, whether it is established."""
        result = gss.inquire_context(self.context)
        return [
            gss.display_name(result.initiator_name, False).name,
            gss.display_name(result.target_name, False).name,
            number(result.lifetime or 0),
            result.mech.dotted_form.encode(),
            number(sum(int(flag) for flag in result.flags)),
            boolean(result.complete),
        ]

    @command
    def wrap(self, confidential, message):
        return [gss.wrap(self.context, message, confidential == b"1").message]

    @command
    def unwrap(self, token):
        """The message, and whether it was sealed."""
        result = gss.unwrap(self.context, token)
        return [result.message, boolean(result.encrypted)]

    @command
    def wrap_size_limit(self, confidential, size):
        return [number(gss.wrap_size_limit(self.context, int(size), confidential == b"1"))]

    @command
    def get_mic(self, message):
        return [gss.get_mic(self.context, message)]

    @command
    def verify_mic(self, message, mic):
        gss.verify_mic(self.context, message, mic)
        return []

    @command
    def wrap_iov(self, confidential, *fields):
        """Takes and gives a type and octets for each buffer; header, trailer and padding are allocated."""
        message = buffers(fields)
        gss.wrap_iov(self.context, message, confidential == b"1")
        return described(message)

    @command
    def wrap_iov_length(self, confidential, *fields):
        message = buffers(fields)
        gss.wrap_iov_length(self.context, message, confidential == b"1")
        return described(message)

    @command
    def unwrap_iov(self, *fields):
        """Whether it was sealed, and the buffers as they are then."""
        message = buffers(fields)
        result = gss.unwrap_iov(self.context, message)
        return [boolean(result.encrypted), *described(message)]

    @command
    def get_mic_iov(self, *fields):
        message = buffers(fields)
        gss.get_mic_iov(self.context, message)
        return described(message)

    @command
    def verify_mic_iov(self, *fields):
        gss.verify_mic_iov(self.context, buffers(fields))
        return []

    @command
    def wrap_aead(self, confidential, message, associated):
        return [gss.wrap_aead(self.context, message, associated, confidential == b"1").message]

    @command
    def unwrap_aead(self, token, associated):
        result = gss.unwrap_aead(self.context, token, associated)
        return [result.message, boolean(result.encrypted)]

    @command
    def export(self):
        """The context as a token; there is none here then."""
        token = gss.export_sec_context(self.context)
        self.context = None
        return [token]

    @command
    def take(self, token):
        """Goes on with an exported context."""
        self.context = gss.import_sec_context(token)
        return []

    @command
    def pseudo_random(self, selector, entropy, length):
        """`gss_pseudo_random`, which the Python package lacks: by way of an exported context."""
        token, output = pseudo_random(
            gss.export_sec_context(self.context), int(selector), entropy, int(length)
        )
        self.context = gss.import_sec_context(token)
        return [output]

    @command
    def session_key(self):
        """The octets of the context's key."""
        return [gss.inquire_sec_context_by_oid(self.context, SESSION_KEY)[0]]

    @command
    def authtime(self):
        return [number(gss.krb5_extract_authtime_from_sec_context(self.context))]

    @command
    def authorization_data(self, ad_type):
        data = gss.krb5_extract_authz_data_from_sec_context(self.context, int(ad_type))
        return [data]

    @command
    def ticket_flags(self):
        return [number(gss.krb5_get_tkt_flags(self.context))]

    @command
    def delegated_name(self):
        """Whose credential was delegated; empty if none was."""
        if self.delegated is None:
            return [b""]
        name = gss.inquire_cred(self.delegated).name
        return [gss.display_name(name, False).name]

    @command
    def store_delegated(self, cache):
        """Writes the delegated credential into a cache."""
        gss.store_cred_into({b"ccache": cache}, self.delegated, usage="initiate", overwrite=True)
        return []


def channel_bindings(octets):
    """Application data; addresses unspecified, as around TLS."""
    return gss.ChannelBindings(application_data=octets) if octets else None


def buffers(fields):
    """An IOV of type and octets in turn. What the library fills in is allocated by it: an empty header, trailer, padding
    or MIC, and the data of a stream."""
    pairs = list(zip(fields[0::2], fields[1::2]))
    given = {b"sign-only"} if b"stream" in fields[0::2] else {b"sign-only", b"data"}
    made = []
    for name, octets in pairs:
        kind = BUFFER_TYPES[name]
        made.append((kind, False, octets) if octets or name in given else (kind, True, None))
    return gss.IOV(*made, std_layout=False)


def described(message):
    fields = []
    for buffer in message:
        name = next(n for n, kind in BUFFER_TYPES.items() if kind == buffer.type)
        fields += [name, buffer.value or b""]
    return fields


class Octets(ctypes.Structure):
    """`gss_buffer_desc`."""

    _fields_ = [("length", ctypes.c_size_t), ("value", ctypes.c_void_p)]

    @classmethod
    def of(cls, octets):
        buffer = ctypes.create_string_buffer(octets, len(octets))
        made = cls(len(octets), ctypes.cast(buffer, ctypes.c_void_p))
        made.keep = buffer
        return made

    def octets(self):
        return ctypes.string_at(self.value, self.length)


def pseudo_random(token, selector, entropy, length):
    """The same context exported again, and the octets."""
    library = ctypes.CDLL("libgssapi_krb5.so.2")
    minor, context = ctypes.c_uint32(), ctypes.c_void_p()
    output, exported = Octets(), Octets()

    def call(name, *arguments):
        major = getattr(library, name)(ctypes.byref(minor), *arguments)
        if major & 0xFFFF0000:
            raise gss.GSSError(major, minor.value)

    call("gss_import_sec_context", ctypes.byref(Octets.of(token)), ctypes.byref(context))
    call(
        "gss_pseudo_random",
        context,
        ctypes.c_int(selector),
        ctypes.byref(Octets.of(entropy)),
        ctypes.c_ssize_t(length),
        ctypes.byref(output),
    )
    call("gss_export_sec_context", ctypes.byref(context), ctypes.byref(exported))
    return exported.octets(), output.octets()


def boolean(value):
    return b"1" if value else b"0"


def answer(peer, fields):
    try:
        return [b"ok", *COMMANDS[fields[0]](peer, *fields[1:])]
    except gss.GSSError as error:
        token = getattr(error, "token", None) or b""
        return frames.error(error, error.maj_code, error.min_code, token)
    except Exception as error:
        return frames.error(error)


if __name__ == "__main__":
    peer = Peer()
    frames.serve(int(sys.argv[1]), lambda fields: answer(peer, fields))
