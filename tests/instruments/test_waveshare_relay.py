import pytest

from instruments.errors import BenchError, UsageError
from instruments.waveshare_relay import WaveshareIo, WaveshareRelay

READ = (1, 0, 8)


def coils(*closed):
    return [n in closed for n in range(8)]


@pytest.fixture
def make(scripted_registers, clock):
    def make_board(*steps, kind=WaveshareRelay):
        link = scripted_registers(*steps)
        return kind(link, clock), link

    return make_board


def test_a_relay_is_driven_and_read_back_in_one_lock(make):
    board, link = make(((5, 0, 0xFF00), None), (READ, coils(0)))
    board.set_relay(0, closed=True)
    link.then(((5, 0, 0x0000), None), (READ, coils()))
    board.set_relay(0, closed=False)
    link.finish()
    assert link.depth_of[READ] == 1


def test_a_coil_that_did_not_follow_is_a_bench_error(make):
    board, _ = make(((5, 3, 0xFF00), None), (READ, coils(2)))
    with pytest.raises(BenchError, match=r"driving relay 3.*coil 3 on"):
        board.set_relay(3, closed=True)


def test_a_pulse_of_700_ms_is_the_flash_frame_of_the_vendor(make):
    board, link = make(((5, 0x0200, 0x0007), None), (READ, coils(0)))
    board.pulse(0, 0.7)
    link.finish()


def test_relays_are_read_first_one_first(make):
    board, _ = make((READ, coils(0, 7)))
    assert board.read_relays() == (True, *[False] * 6, True)
    assert board.size == 8


def test_all_relays_are_released_in_one_request(make):
    board, link = make(((15, 0, (False,) * 8), None), (READ, coils()))
    board.make_safe()
    link.then(((15, 0, (False,) * 8), None), (READ, coils(5)))
    with pytest.raises(BenchError, match="every coil off"):
        board.all_off()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda b: b.set_relay(8, closed=True), "relay must be 0 to 7, got 8"),
        (lambda b: b.pulse(-1, 1.0), "relay must be 0 to 7"),
        (lambda b: b.pulse(0, 0.05), "duration_s must be 0.1 to 3276.7 s"),
        (lambda b: b.pulse(0, 3300.0), "duration_s must be 0.1 to 3276.7 s"),
    ],
)
def test_what_the_board_has_not_is_refused_before_a_byte_is_sent(make, call, words):
    board, link = make()
    with pytest.raises(UsageError, match=words):
        call(board)
    assert link.depth_of == {}


def test_the_identity_is_unit_address_and_version(make):
    board, _ = make(((3, 0x4000, 1), [5]), ((3, 0x8000, 1), [200]), kind=WaveshareIo)
    identity = board.identify()
    assert (identity.maker, identity.serial, identity.firmware) == ("Waveshare", "5", "2.00")


def test_the_io_board_reads_its_inputs(make):
    board, _ = make(((2, 0, 8), coils(1)), kind=WaveshareIo)
    assert board.read_inputs() == (False, True, *[False] * 6)
    board.close()
