"""A wire that writes down what a link tells it."""

import contextlib
import threading


class FakeWire:
    """Writes down its calls, and at each settling whether the box could be had by others."""

    def __init__(self):
        self.calls = []
        self.link = None
        self.free_when_settled = []
        self.on_sent = self.on_settle = None

    def ready(self):
        self.calls.append("ready")

    def sent(self, count):
        self.calls.append(("sent", count))
        if self.on_sent is not None:
            self.on_sent()

    @contextlib.contextmanager
    def blocking(self):
        self.calls.append("blocking")
        try:
            yield
        finally:
            self.calls.append("over")

    def waited(self, seconds):
        self.calls.append(("waited", seconds))

    def interrupt(self):
        """Interrupt the next exchange between its question and its answer, and no other."""

        def once():
            self.on_sent = None
            raise KeyboardInterrupt

        self.on_sent = once

    def settle(self):
        self.calls.append("settle")
        if self.link is not None:
            self.free_when_settled.append(self._others_can_have(self.link))
        if self.on_settle is not None:
            self.on_settle()

    @staticmethod
    def _others_can_have(link):
        got = threading.Event()

        def take():
            with link.transaction():
                got.set()

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        return got.wait(0.5)


class FakeWires:
    concurrent = True

    def __init__(self):
        self.one = FakeWire()
        self.asked = []

    def wire(self, address, *, min_gap_s=0.0):
        self.asked.append((address, min_gap_s))
        return self.one

    def together(self):
        return contextlib.nullcontext()
