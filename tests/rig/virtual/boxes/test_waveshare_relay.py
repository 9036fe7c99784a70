import pytest
from box_client import BoxClient
from hypothesis import given, settings
from hypothesis import strategies as st

from rig.clock import VirtualClock
from rig.virtual.boxes.waveshare_relay import WaveshareRelay
from rig.virtual.modbus import RtuLine, seal


class Contacts:
    """A relay port that remembers when which coil was driven."""

    def __init__(self, clock):
        self.clock = clock
        self.log = []

    def drive(self, relay, closed):
        self.log.append((round(self.clock.now(), 6), relay, closed))


class Bench(BoxClient):
    def __init__(self, **options):
        self.clock = VirtualClock()
        self.contacts = Contacts(self.clock)
        board = WaveshareRelay(self.contacts, self.clock, **options)
        super().__init__(RtuLine({1: board}, self.clock))


@pytest.fixture
def bench():
    return Bench()


def test_the_published_switch_frames_are_echoed_and_obeyed(bench):
    # facts D1
    assert bench.frame("01 05 00 00 FF 00 8C 3A") == "01 05 00 00 FF 00 8C 3A"
    assert bench.contacts.log == [(0, 0, True)]
    assert bench.frame("01 05 00 FF FF 00 BC 0A") == "01 05 00 FF FF 00 BC 0A"
    assert bench.request("01 01 0000 0008") == "01 01 01 FF"


def test_the_published_read_and_write_all_frames_work(bench):
    assert bench.frame("01 0F 00 00 00 08 01 FF BE D5") == "01 0F 00 00 00 08 54 0D"
    assert bench.frame("01 01 00 00 00 08 3D CC")[:11] == "01 01 01 FF"
    assert [relay for _, relay, _ in bench.contacts.log] == list(range(8))


def test_toggle_inverts_one_relay(bench):
    bench.request("01 05 0003 5500")
    assert bench.request("01 01 0000 0008") == "01 01 01 08"
    bench.request("01 05 0003 5500")
    assert bench.request("01 01 0000 0008") == "01 01 01 00"


def test_flash_on_ends_by_itself(bench):
    assert bench.frame("01 05 02 00 00 07 8D B0") == "01 05 02 00 00 07 8D B0"
    bench.clock.sleep_until(0.69)
    assert bench.request("01 01 0000 0001") == "01 01 01 01"
    bench.clock.sleep_until(5.0)
    assert bench.contacts.log == [(0, 0, True), (0.7, 0, False)]


def test_flash_on_refreshed_in_time_never_drops(bench):
    for refresh in range(10):
        bench.clock.sleep_until(refresh * 0.5)
        bench.request("01 05 0202 0014")
    bench.clock.sleep_until(20.0)
    assert bench.contacts.log == [(0, 2, True), (6.5, 2, False)]


def test_flash_off_closes_again_by_itself(bench):
    bench.request("01 05 0001 FF00")
    bench.clock.sleep_until(1.0)
    bench.request("01 05 0401 0003")
    bench.clock.sleep_until(2.0)
    assert bench.contacts.log == [(0, 1, True), (1.0, 1, False), (1.3, 1, True)]


def test_a_plain_command_withdraws_the_flash(bench):
    bench.request("01 05 0200 0005")
    bench.request("01 05 0000 FF00")
    bench.clock.sleep_until(5.0)
    assert bench.contacts.log == [(0, 0, True)]


def test_the_published_broadcast_sets_the_address_unanswered(bench):
    assert bench.frame("00 06 40 00 00 02 1C 1A") == ""
    assert bench.request("01 01 0000 0008") == ""
    assert bench.request("02 03 4000 0001") == "02 03 02 00 02"


def test_the_firmware_version_and_the_rate_are_served(bench):
    assert bench.request("01 03 8000 0001") == "01 03 02 00 C8"
    assert bench.request("01 06 2000 0005") == "01 06 20 00 00 05"


@pytest.mark.parametrize(
    ("body", "reply"),
    [
        ("01 05 0008 FF00", "01 85 02"),
        ("01 05 0000 1234", "01 85 03"),
        ("01 05 0208 0001", "01 85 02"),
        ("01 05 0200 8000", "01 85 03"),
        ("01 01 0000 0009", "01 81 02"),
        ("01 0F 0004 0005 01 1F", "01 8F 02"),
        ("01 02 0000 0008", "01 82 01"),
        ("01 04 0000 0001", "01 84 01"),
        ("01 06 4000 0000", "01 86 03"),
        ("01 06 1000 0000", "01 86 02"),
        ("01 03 0000 0001", "01 83 02"),
    ],
)
def test_what_the_board_has_not_is_refused(bench, body, reply):
    assert bench.request(body) == reply
    assert bench.contacts.log == []


def test_the_io_variant_reads_its_inputs_and_keeps_mode_0():
    inputs = [True, False, True, False, False, False, False, True]
    bench = Bench(inputs=lambda: inputs)
    assert bench.request("01 02 0000 0008") == "01 02 01 85"
    inputs[1] = True
    assert bench.request("01 02 0001 0002") == "01 02 01 03"
    assert bench.request("01 06 1002 0000") == "01 06 10 02 00 00"
    assert bench.request("01 06 1002 0001") == "01 86 03"
    assert bench.request("01 03 1000 0002") == "01 03 04 00 00 00 00"


def test_a_write_costs_sixteen_bytes_at_9600_baud_and_2_ms(bench):
    bench.request("01 05 0000 FF00")
    assert bench.line.charged_s == pytest.approx(16 * 10 / 9600 + 0.002)


def test_the_delay_of_the_board_can_be_set():
    bench = Bench(delay_s=0.010)
    bench.request("01 05 0000 FF00")
    assert bench.line.charged_s == pytest.approx(16 * 10 / 9600 + 0.010)


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=12), max_size=6))
def test_no_request_crashes_a_board(bodies):
    bench = Bench(inputs=lambda: [False] * 8)
    for body in bodies:
        bench.session.received(seal(bytes([1]) + body))
    bench.clock.sleep_until(10_000.0)
    assert all(0 <= relay < 8 for _, relay, _ in bench.contacts.log)
