"""What the programs in this directory speak with the tests that start them, over a loopback connection.

A frame is a length and as many octets; within it, each field is a length and as many octets again. Lengths are 32
bits, big-endian. The first field of a request is the name of a command, the others are its arguments; numbers are decimal
text, what is absent is an empty field. The first field of an answer is `ok` or `error`. After `error` come the exception's
class, the major and the minor status, the text, and the token to send to the peer (empty if there is none).
"""

import socket
import struct


def serve(port, answer):
    """Connects, says `ready` on standard output, and answers one frame with one frame until the connection ends."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rwb")
        print("ready", flush=True)
        try:
            while True:
                write_frame(stream, answer(read_frame(stream)))
        except EOFError:
            pass


def error(exception, major=0, minor=0, token=b""):
    """The answer that tells of an exception."""
    return [
        b"error",
        type(exception).__name__.encode(),
        number(major),
        number(minor),
        str(exception).encode(),
        token,
    ]


def number(value):
    return str(value).encode()


def read_exactly(stream, length):
    octets = stream.read(length)
    if len(octets) != length:
        raise EOFError
    return octets


def read_frame(stream):
    frame = read_exactly(stream, struct.unpack(">I", read_exactly(stream, 4))[0])
    fields = []
    while frame:
        end = 4 + struct.unpack_from(">I", frame)[0]
        fields.append(frame[4:end])
        frame = frame[end:]
    return fields


def write_frame(stream, fields):
    frame = b"".join(struct.pack(">I", len(field)) + field for field in fields)
    stream.write(struct.pack(">I", len(frame)) + frame)
    stream.flush()
