"""Modbus on a serial line of many units, in wall time on a pseudo-terminal."""

import threading
import time

import pytest
from rtu_frames import rtu

from instruments.errors import LinkClosed, LinkTimeout
from instruments.links import RtuSerial

TIMEOUT_S = 0.1


@pytest.fixture
def relay_board(open_pty, line_over):
    """Return a serial line with a board whose answers come after ``delays``."""

    def make(answers, *, delays=(), pieces=1, **options):
        waits = iter(delays)

        def talk(far):
            while True:
                answer = answers(far.read(300))
                time.sleep(next(waits, 0.0))  # a slow box: late answers are what is tried
                step = -(-len(answer) // pieces) or 1
                for start in range(0, len(answer), step):
                    far.write(answer[start : start + step])
                    if pieces > 1:
                        time.sleep(0.005)  # so that they come one by one

        pty = open_pty(talk)
        return line_over(RtuSerial(pty.path), **options), pty

    return make


def registers_echoing_their_address(request):
    return rtu(f"{request[0]:02x} 03 02 {request[2:4].hex()}")


def test_a_serial_line_serves_many_units(relay_board):
    line, _ = relay_board(registers_echoing_their_address)
    for unit in (1, 2, 33):
        assert line.unit(unit).read_holding(unit + 100) == [unit + 100]


def test_a_serial_answer_in_pieces_is_one_answer(relay_board):
    line, _ = relay_board(registers_echoing_their_address, pieces=4)
    assert line.unit(1).read_holding(5) == [5]


def test_a_late_serial_answer_never_answers_the_next_read(relay_board):
    line, _ = relay_board(
        registers_echoing_their_address, delays=[1.5 * TIMEOUT_S], timeout_s=TIMEOUT_S
    )
    with pytest.raises(LinkTimeout):
        line.unit(1).read_holding(22)
    assert line.unit(1).read_holding(33) == [33]


def test_the_answer_to_an_interrupted_read_never_answers_the_next(relay_board, fake_wires):
    line, _ = relay_board(
        registers_echoing_their_address, delays=[0.02], wires=fake_wires, timeout_s=TIMEOUT_S
    )
    fake_wires.one.interrupt()
    with pytest.raises(KeyboardInterrupt):
        line.unit(1).read_holding(22)
    assert line.unit(1).read_holding(33) == [33]


def test_a_serial_write_after_a_failure_is_sent_without_waiting(relay_board):
    def answers(request):
        return request if request[1] == 5 else b""

    line, _ = relay_board(answers, timeout_s=TIMEOUT_S)
    with pytest.raises(LinkTimeout):
        line.unit(3).read_coils(0)
    start = time.monotonic()
    line.unit(1).write_coil(0, False)
    assert time.monotonic() - start < TIMEOUT_S / 2


def test_a_vanished_serial_port_is_a_closed_link(relay_board):
    line, pty = relay_board(registers_echoing_their_address)
    unit = line.unit(1)
    assert unit.read_holding(1) == [1]
    pty.vanish()
    for _ in range(2):
        with pytest.raises(LinkClosed):
            unit.read_holding(1)


def test_two_threads_share_a_line(relay_board):
    line, _ = relay_board(registers_echoing_their_address)
    wrong = []

    def ask(unit):
        for n in range(50):
            if line.unit(unit).read_holding(unit * 256 + n) != [unit * 256 + n]:
                wrong.append((unit, n))

    threads = [threading.Thread(target=ask, args=(unit,)) for unit in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert wrong == []
