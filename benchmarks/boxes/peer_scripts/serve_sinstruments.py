"""A box simulated with sinstruments, which answers two questions; argument: its port."""

from __future__ import annotations

import sys

from sinstruments.simulator import BaseDevice, Server

ANSWERS = {b"*IDN?": b"ITECH Ltd.,IT8616,0,1.02\n", b"MEAS:VOLT:RMS?": b"0.00000E+00\n"}


class Box(BaseDevice):
    """Looks its answers up."""

    def handle_message(self, message: bytes) -> bytes | None:
        """Return the answer to a line."""
        return ANSWERS.get(message.strip())


if __name__ == "__main__":
    transport = {"type": "tcp", "url": ["127.0.0.1", int(sys.argv[1])]}
    device = {"name": "box", "class": "Box", "package": "__main__", "transports": [transport]}
    Server([device]).serve_forever()
