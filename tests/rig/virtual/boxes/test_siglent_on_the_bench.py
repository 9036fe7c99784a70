"""A Siglent in place of the InfiniiVision sees through the same probes."""

import pytest

from rig.bench import Bench, Journal
from rig.bench.model import BenchFile
from rig.recording import Recorder
from rig.session import DEFAULT_BENCH, load_bench, open_bench


@pytest.fixture
def bench(tmp_path):
    document = load_bench(DEFAULT_BENCH).model_dump(exclude_unset=True)
    link = {"kind": "visa-socket", "address": "virtual", "timeout_s": 10}
    document["roles"]["scope_ac"] |= {"model": "Siglent SDS HD", "link": link}
    spec = BenchFile.model_validate(document)
    with open_bench(spec, DEFAULT_BENCH) as opened:
        recorder = Recorder(tmp_path / "run", opened.clock)
        yield Bench(spec, "bench.yaml", opened.roles, opened.clock, Journal(recorder))
        recorder.close()


def test_volts_and_amps_of_a_captured_step_are_those_of_the_socket(bench):
    with bench.energised():
        bench.loads["A"].draw_power(1150)
        with bench.capture("A", 0.3, peak_a=40.0) as wave:
            bench.faults.step([("A", 2)], hold_s=0.2)
        volts = wave.voltage_v(0.05, 0.15)
        amps = 1150 / volts + 2 * volts / 52.9
        assert volts == pytest.approx(230.0, rel=0.03)
        assert wave.current_a(0.05, 0.15) == pytest.approx(amps, rel=0.04)
