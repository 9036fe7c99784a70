"""A client of a simulated box over a line in memory, and what that line remembers."""

from rig.virtual.modbus import seal


class RecordedLine:
    """The box's end of a connection: what it said, what it charged, whether it hung up."""

    def __init__(self):
        self.sent, self.charged_s, self.open = b"", 0.0, True

    def send(self, data):
        self.sent += bytes(data)

    def charge(self, turnaround_s):
        assert turnaround_s >= 0.0
        self.charged_s += turnaround_s

    def close(self):
        self.open = False

    reset = end_output = close


class BoxClient:
    """A connection of its own to a box, asked in bytes, in lines of text or in Modbus frames."""

    def __init__(self, service):
        self.line = RecordedLine()
        self.session = service(self.line)

    def raw(self, data):
        """Send bytes and return what came back."""
        self.line.sent = b""
        self.session.received(data)
        return self.line.sent

    def say(self, message):
        """Send a line of text and return the reply without its end."""
        reply = self.raw(message.encode("latin-1") + b"\n").decode("latin-1")
        assert reply == "" or reply.endswith("\n")
        return reply.removesuffix("\n")

    def frame(self, frame):
        """Send a whole frame and return the reply as it stood on the wire, both in hex."""
        return spaced(self.raw(bytes.fromhex(frame)))

    def request(self, body):
        """Send a body, to which the CRC is added; return the reply without CRC, both in hex."""
        reply = self.raw(seal(bytes.fromhex(body)))
        assert reply == b"" or reply == seal(reply[:-2])
        return spaced(reply[:-2])


def spaced(data):
    return data.hex(" ").upper()


def ask(box, message):
    """Return the answer of a box that takes SCPI, asked without a line."""
    return box.execute(message.encode("latin-1")).data.decode("latin-1")
