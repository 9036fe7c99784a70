"""Small servers on loopback and pseudo-terminals, for boxes of a few lines."""

import contextlib
import os
import select
import socket
import threading
import tty

from patience import wait_until


class TcpServer:
    """Accepts connections one after another; ``talk(connection, number)`` serves each."""

    def __init__(self, talk):
        self._talk = talk
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.connections = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connections.append(connection)
            args = (connection, len(self.connections))
            thread = threading.Thread(target=self._serve, args=args, daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, connection, number):
        with contextlib.suppress(OSError), connection:
            self._talk(connection, number)

    def wait_for_end(self, number):
        """Wait until the talk on a connection is over and the connection closed."""
        wait_until(lambda: len(self._threads) > number)
        self._threads[number].join(2)
        assert not self._threads[number].is_alive()

    def hang_up(self):
        """Close every connection, as a box does after its idle time."""
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join(2)

    def stop_listening(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def close(self):
        self.stop_listening()
        self._threads[0].join(2)
        self.hang_up()
        for connection in self.connections:
            connection.close()


class Pty:
    """A pseudo-terminal whose far end is served by ``talk(pty)`` in a thread."""

    def __init__(self, talk):
        self._far, self.near = os.openpty()
        tty.setraw(self.near)
        self.path = os.ttyname(self.near)
        self._stop_reader, self._stop = os.pipe()
        self._open = True
        self._thread = threading.Thread(target=self._serve, args=(talk,), daemon=True)
        self._thread.start()

    def read(self, size):
        """Return what the client wrote; raises when the terminal is closed."""
        ready, _, _ = select.select([self._far, self._stop_reader], [], [])
        if self._stop_reader in ready:
            raise OSError("closed")
        return os.read(self._far, size)

    def write(self, data):
        return os.write(self._far, data)

    def _serve(self, talk):
        with contextlib.suppress(OSError):
            talk(self)

    def vanish(self):
        """Close both ends, as a pulled plug does."""
        if self._open:
            self._open = False
            os.close(self._stop)
            self._thread.join(1)
            for fd in (self._far, self.near, self._stop_reader):
                os.close(fd)

    close = vanish


def lines_of(connection):
    """Yield LF-terminated lines as they come on a socket."""
    with connection.makefile("rb") as stream:
        for line in stream:
            yield line.rstrip(b"\r\n").decode("ascii")
