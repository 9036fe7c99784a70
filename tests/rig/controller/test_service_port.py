from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instruments.errors import BenchError, UsageError
from rig.controller import (
    Earthing,
    OverloadMemory,
    ServicePort,
    SocketFlags,
    SocketState,
    TripCode,
    UnitState,
    V2hMode,
    V2hStatus,
    VehicleData,
)

STATUS = [3, 0, 805, 3789, 0xFFCE, 0xFFFF, 0xFFF6, 650, 2301, 5001, 1, 0x0002, 480, 123, 0, 3600]
SOCKET_A = [1, 1605, 3680, 0, 1500, 0, 0, 0]
SOCKET_B = [2, 0, 0xFFFF, 1, 0, 4, 2, 0b00011]
SOCKET_C = [5, 0, 0, 0, 0, 17, 0, 0b11100]
UTC_SECONDS = 1_767_225_600  # 2026-01-01
HIGH, LOW = UTC_SECONDS >> 16, UTC_SECONDS & 0xFFFF


def record(sequence, code=3, socket=1, ms=250, value=88):
    return [sequence, code, socket, HIGH, LOW, ms, value]


def test_the_status_is_read_in_one_request_with_signs_and_32_bits(make):
    port, link = make(((4, 0, 16), STATUS))
    status = port.read_status()
    link.finish()
    assert status.state is UnitState.RUNNING
    assert status.last_trip is TripCode.NONE
    assert (status.soc_percent, status.dc_voltage_v, status.dc_current_a) == (80.5, 378.9, -5.0)
    assert (status.ac_power_w, status.heatsink_c) == (-1, -1.0)
    assert status.dc_insulation_ohm == 650_000.0
    assert (status.ac_voltage_v, status.ac_frequency_hz) == (230.1, 50.01)
    assert (status.usable_energy_wh, status.run_time_min) == (65538, 480)
    assert (status.firmware, status.uptime_s) == ("1.23", 3600)


def test_sockets_are_read_at_one_instant(make):
    port, link = make(((4, 16, 24), SOCKET_A + SOCKET_B + SOCKET_C))
    sockets = port.read_sockets()
    link.finish()
    assert (sockets["A"].current_a, sockets["A"].power_w, sockets["A"].energy_wh) == (
        16.05,
        3680,
        1500,
    )
    assert (sockets["B"].power_w, sockets["B"].energy_wh) == (-1, 65536)
    assert sockets["B"].state is SocketState.TRIPPED
    assert sockets["B"].trip is TripCode.RESIDUAL_AC
    assert sockets["B"].restarts_in_hour == 2
    assert sockets["B"].flags == SocketFlags.LID_OPEN | SocketFlags.WET
    assert sockets["C"].flags == SocketFlags.PE_LOST | SocketFlags.BACKFEED | SocketFlags.WELD


@pytest.mark.parametrize(
    ("socket", "address", "words"), [("A", 16, SOCKET_A), ("B", 24, SOCKET_B), ("C", 32, SOCKET_C)]
)
def test_one_socket_is_read_at_its_stride(make, socket, address, words):
    port, _ = make(((4, address, 8), words))
    assert port.read_socket(socket).state == words[0]


def test_a_socket_that_is_not_there_is_an_error_of_the_plan(make):
    port, _ = make()
    with pytest.raises(UsageError, match="one of A, B, C, got 'D'"):
        port.read_socket("D")


def test_the_v2h_port_and_the_overload_memory(make):
    port, _ = make(((4, 48, 5), [4, 3801, 0xFF6A, 2, 500]), ((4, 56, 4), [73, 1, 2, 3]))
    assert port.read_v2h() == V2hStatus(4, 380.1, -15.0, 2, 500_000.0)
    assert port.read_overload_memory() == OverloadMemory(73, {"A": 1, "B": 2, "C": 3})


def test_a_code_the_unit_should_not_know_is_a_bench_error(make):
    port, _ = make(((4, 0, 16), [9, *STATUS[1:]]))
    with pytest.raises(BenchError, match=r"reading a UnitState on controller.*0, 1, 2, 3, 4, 5, 6"):
        port.read_status()


@pytest.mark.parametrize(
    ("command", "code"), [("start", 1), ("stop", 2), ("acknowledge", 3), ("clear_lockout", 4)]
)
def test_commands_go_to_holding_register_0(make, command, code):
    port, link = make(((6, 0, code), None))
    getattr(port, command)()
    link.finish()


@pytest.mark.parametrize(
    ("call", "step"),
    [
        (lambda p: p.enable_sockets(["A", "C"]), (6, 1, 0b101)),
        (lambda p: p.enable_sockets([]), (6, 1, 0)),
        (lambda p: p.set_priority(["A", "C", "B"]), (6, 2, 0x132)),
        (lambda p: p.set_soc_floor(20), (6, 3, 20)),
        (lambda p: p.set_earthing(Earthing.IT), (6, 4, 1)),
        (lambda p: p.set_power_limit(15_000), (6, 5, 15_000)),
        (lambda p: p.set_v2h(V2hMode.BOTH), (6, 6, 3)),
        (lambda p: p.set_v2h_current_limit(30), (6, 7, 30)),
        (lambda p: p.set_v2h_floor(30), (6, 10, 30)),
        (lambda p: p.set_utc(datetime(2026, 1, 1, tzinfo=UTC)), (16, 8, (HIGH, LOW))),
    ],
)
def test_every_setting_goes_to_its_register(make, call, step):
    port, link = make((step, None))
    call(port)
    link.finish()


@pytest.mark.parametrize("order", [["A", "B"], ["A", "A", "B"], ["A", "B", "C", "A"]])
def test_a_priority_names_every_socket_once(make, order):
    port, _ = make()
    with pytest.raises(UsageError, match="each of"):
        port.set_priority(order)


def test_a_time_without_zone_is_an_error_of_the_plan(make):
    port, _ = make()
    with pytest.raises(UsageError, match="time zone"):
        port.set_utc(datetime(2026, 1, 1))


def test_another_zones_time_is_written_as_utc(make):
    port, link = make(((16, 8, (HIGH, LOW)), None))
    port.set_utc(datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9))))
    link.finish()


def test_settings_are_read_in_one_request(make):
    words = [0, 0b011, 0x132, 20, 1, 6000, 1, 15, HIGH, LOW, 30]
    port, _ = make(((3, 0, 11), words))
    settings = port.read_settings()
    assert settings.enabled == {"A", "B"}
    assert settings.priority == ("A", "C", "B")
    assert (settings.soc_floor_percent, settings.v2h_floor_percent) == (20, 30)
    assert (settings.earthing, settings.v2h) == (Earthing.IT, V2hMode.DISCHARGE)
    assert (settings.power_limit_w, settings.v2h_current_limit_a) == (6000, 15)
    assert settings.utc == datetime(2026, 1, 1, tzinfo=UTC)


def test_vehicle_data_is_said_in_one_request(make):
    port, link = make(((16, 16, (805, 1200, 900, 0xFF9C, 0, 35, 7)), None))
    port.write_vehicle_data(
        VehicleData(80.5, 12_000.0, 9_000.0, -10.0, other_power_w=350.0, alive=65536 + 7)
    )
    link.finish()


def test_new_log_entries_are_read_one_record_a_request_in_one_lock(make):
    port, link = make(
        ((4, 99, 1), [7]),
        ((4, 100, 7), record(7, code=4, socket=2)),
        ((4, 107, 7), record(6)),
        ((4, 99, 1), [7]),
    )
    older, newer = port.read_log(after=5)
    link.finish()
    assert (older.sequence, newer.sequence) == (6, 7)
    assert (newer.trip, newer.socket, newer.value) == (TripCode.RESIDUAL_AC, "B", 88)
    assert newer.utc == datetime(2026, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC)
    assert set(link.depths) == {1}


def test_no_new_entry_costs_no_record(make):
    port, link = make(((4, 99, 1), [7]), ((4, 99, 1), [7]))
    assert port.read_log(after=7) == []
    link.finish()


def test_a_unit_event_has_no_socket_and_may_be_no_trip(make):
    port, _ = make(
        ((4, 99, 1), [1]), ((4, 100, 7), record(1, code=100, socket=0)), ((4, 99, 1), [1])
    )
    (entry,) = port.read_log(after=0)
    assert (entry.socket, entry.trip, entry.code) == (None, None, 100)


class Ring:
    """A log of 32 slots in which record n lies at n modulo 32, or the newest first."""

    name, address = "controller", "nowhere:17"

    def __init__(self, newest, kept, *, newest_first):
        self.newest = newest & 0xFFFF
        numbers = [(newest - age) & 0xFFFF for age in range(kept)]
        self.slots = [[0] * 7 for _ in range(32)]
        for age, number in enumerate(numbers):
            self.slots[age if newest_first else number % 32] = record(number)

    def transaction(self):
        from contextlib import nullcontext

        return nullcontext()

    def read_input(self, address, count=1):
        if address == 99:
            return [self.newest]
        slot, offset = divmod(address - 100, 7)
        assert (offset, count) == (0, 7), "a record is read whole"
        return self.slots[slot]


@given(
    newest=st.integers(33, 0x1_0040),
    kept=st.integers(1, 32),
    new=st.integers(0, 40),
    newest_first=st.booleans(),
)
def test_the_log_is_found_wherever_the_unit_keeps_it_and_when_numbers_wrap(
    newest, kept, new, newest_first
):
    port = ServicePort(Ring(newest, kept, newest_first=newest_first))
    found = [entry.sequence for entry in port.read_log(after=(newest - new) & 0xFFFF)]
    count = min(new, kept)
    assert found == [(newest - age) & 0xFFFF for age in reversed(range(count))]
    everything = [entry.sequence for entry in port.read_log()]
    assert everything == [(newest - age) & 0xFFFF for age in reversed(range(kept))]


def test_a_log_that_grows_while_it_is_read_is_read_again(make):
    port, link = make(
        ((4, 99, 1), [7]),
        ((4, 100, 7), record(7)),
        ((4, 99, 1), [8]),
        ((4, 99, 1), [8]),
        ((4, 100, 7), record(8)),
        ((4, 107, 7), record(7)),
        ((4, 99, 1), [8]),
    )
    assert [entry.sequence for entry in port.read_log(after=6)] == [7, 8]
    link.finish()


def test_a_log_that_never_stands_still_is_a_bench_error(make):
    steps = []
    for newest in (7, 8, 9):
        steps += [((4, 99, 1), [newest])]
        steps += [((4, 100 + 7 * n, 7), record(newest - n)) for n in range(newest - 6)]
        steps += [((4, 99, 1), [newest + 1])]
    port, _ = make(*steps)
    with pytest.raises(BenchError, match="stand still"):
        port.read_log(after=6)
