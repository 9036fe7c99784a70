"""Other people's Python drivers, unchanged, on the served bench (docs/foreign-clients.md).

They run in an interpreter of their own, since their dependencies need not agree with the rig's:
``RIG_FOREIGN_PYTHON`` names it; by default it is the one that runs the tests. A test whose package
is not installed there is skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.wall_clock

PYTHON = os.environ.get("RIG_FOREIGN_PYTHON", sys.executable)
BENCH = Path(__file__).parents[4] / "benches" / "virtual.yaml"
ROLES = {
    "pack": ("EA PSB 10000 SCPI", {"kind": "visa-socket"}),
    "evps": ("Keysight RP7900", {"kind": "visa-socket"}),
    "can": ("Lawicel CAN232", {"kind": "stream-serial"}),
    "can_b": ("Lawicel CAN232", {"kind": "stream-serial"}),
    "load_b": ("Chroma 63803", {"kind": "visa-serial", "baud_rate": 57600}),
}
HEAD = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
A = json.loads(sys.argv[1])
LF = {"read_termination": "\\n", "write_termination": "\\n"}
def settle(): time.sleep(0.3)  # what a supply is given to reach its voltage
"""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory, request):
    """Serve a bench with more kinds of box than the default one; return address by role."""
    running = request.getfixturevalue("serve_in")
    folder = tmp_path_factory.mktemp("third-party")
    bench = yaml.safe_load(BENCH.read_text("utf-8"))
    for role, (model, link) in ROLES.items():
        bench["roles"][role] = {"model": model, "link": {"address": "virtual", **link}}
    file = folder / "bench.yaml"
    file.write_text(yaml.safe_dump(bench))
    with running(folder, str(file)) as served:
        yield {role: served.address(role) for role in served.roles}


@pytest.fixture
def drive(addresses):
    """Return a function that runs a script over there and returns what it prints as JSON."""

    def run(package: str, script: str) -> object:
        there = f"import importlib.util as u; print(u.find_spec({package!r}) is not None)"
        found = subprocess.run([PYTHON, "-c", there], capture_output=True, text=True, check=True)
        if found.stdout.strip() != "True":
            pytest.skip(f"{package} is not installed in {PYTHON}")
        done = subprocess.run(
            [PYTHON, "-c", HEAD + script, json.dumps(addresses)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run


def test_instro_drives_an_ea_psb_as_source_and_sink(drive):
    said = drive(
        "instro",
        """
from instro.psu.drivers.ea_psb10000 import EAPSB10000Visa
from instro.eload.types import LoadMode
box = EAPSB10000Visa(A["pack"])
source, sink = box.source, box.sink
source.open(); sink.open()
source.set_voltage(360.0, 1); source.set_current_limit(20.0, 1)
source.set_overvoltage_protection_level(400.0, 1)
source.output_enable(True, 1); settle()
out = [source.get_output_status(1), source.get_voltage(1)]
sink.set_level(LoadMode.CV, 350.0, 1, 10.0); settle()
out += [sink.get_voltage(1), source.get_overvoltage_protection_level(1)]
try:
    source.set_voltage(900.0, 1)
except RuntimeError as error:
    out.append(str(error))
source.output_enable(False, 1); out.append(source.get_output_status(1))
source.close(); sink.close()
print(json.dumps(out))
""",
    )
    on, volts, sunk, ovp, refused, off = said
    assert (on, off) == (True, False)
    assert (volts, sunk, ovp) == pytest.approx((360.0, 350.0, 400.0), abs=0.5)
    assert '-222,"Data out of range"' in refused


def test_instro_drives_an_rp7900_with_its_n5700_driver(drive):
    on, volts, off = drive(
        "instro",
        """
from instro.psu.drivers.keysight_n5700 import KeysightN5700
supply = KeysightN5700(A["evps"]); supply.open()
supply.set_voltage(200.0, 1); supply.set_current_limit(5.0, 1)
supply.output_enable(True, 1); settle()
out = [supply.get_output_status(1), supply.get_voltage(1)]
supply.output_enable(False, 1); out.append(supply.get_output_status(1)); supply.close()
print(json.dumps(out))
""",
    )
    assert (on, off) == (True, False)
    assert volts == pytest.approx(200.0, abs=0.5)


def test_instro_takes_a_record_with_its_infiniivision_driver(drive):
    said = drive(
        "instro",
        """
from instro.scope.drivers.keysight_1200x import Keysight1200X
from instro.scope.types import TriggerMode
scope = Keysight1200X(A["scope_dc"]); scope.open()
scope.set_probe_attenuation(10, 1); scope.set_vertical_scale(2.0, 1)
scope.set_horizontal_scale(0.001)
scope.set_trigger_source(1); scope.set_trigger_mode(TriggerMode.AUTO); scope.check_errors()
scope.digitize(3.0); wave = scope.fetch_waveform(1); scope.check_errors()
print(json.dumps([scope.get_vertical_scale(1), len(wave.voltages), max(wave.voltages)]))
scope.close()
""",
    )
    assert said[:2] == [2.0, 1000]
    assert abs(said[2]) < 2.0


def test_pymeasure_takes_a_record_with_its_infiniivision_driver(drive):
    said = drive(
        "pymeasure",
        """
from pymeasure.instruments.keysight import KeysightDSOX1102G
scope = KeysightDSOX1102G(A["scope_dc"], visa_library="@py", **LF)
scope.clear_status(); scope.default_setup(); scope.timebase_scale = 0.01
scope.ch1.scale = 1; scope.ch1.display = True; scope.digitize("channel1")
data, preamble = scope.download_data(source="channel1", points=1000)
print(json.dumps([scope.timebase_range, len(data), preamble["points"], scope.check_errors()]))
""",
    )
    assert said == [0.1, 1000, 1000, []]


def test_keyoscacquire_takes_two_channels_over_a_socket(drive):
    said = drive(
        "keyoscacquire",
        """
from keyoscacquire.oscilloscope import Oscilloscope
scope = Oscilloscope(address=A["scope_dc"], verbose=False)
scope.write("*RST")
scope.set_acquiring_options(wav_format="WORD", num_points=1000, acq_type="NORMal")
scope.run(); t, y, channels = scope.get_trace(channels=[1, 2], verbose_acquistion=False)
print(json.dumps([t.shape, y.shape, channels, scope.query(":SYST:ERR?")]))
""",
    )
    assert said == [[1000, 1], [1000, 2], [1, 2], '+0,"No error"']


def test_qcodes_reads_identities_and_sets_over_vxi11_and_a_serial_line(drive):
    said = drive(
        "qcodes",
        """
from qcodes.instrument import VisaInstrument
analyser = VisaInstrument("wt", A["analyser_ac"], terminator="\\n", visalib="@py")
analyser.add_parameter("rate", get_cmd=":COMM:HEAD OFF;:RATE?", set_cmd=":RATE {}",
                       get_parser=float)
analyser.rate(0.25)
load = VisaInstrument("load", A["load_b"], terminator="\\n", visalib="@py")
load.visa_handle.baud_rate = 57600
load.add_parameter("amps", get_cmd="CURR?", set_cmd="CURR {}", get_parser=float)
load.amps(1.25)
print(json.dumps([analyser.get_idn()["model"], analyser.rate(), load.get_idn()["model"],
                  load.amps(), load.ask("SYST:ERR?")]))
""",
    )
    assert said == ["760203", 0.25, "63803", 1.25, '0,"No error"']


def test_easy_scpi_sets_and_switches_an_rp7900(drive):
    said = drive(
        "easy_scpi",
        """
import easy_scpi
box = easy_scpi.Instrument(A["evps"], port_match=False, backend="@py", **LF); box.connect()
box.volt(123.0); box.outp("1"); settle()
out = [float(box.volt()), box.outp(), float(box.meas.volt())]; box.outp("0")
print(json.dumps(out + [box.outp(), box.syst.err()])); box.disconnect()
""",
    )
    assert said[:2] == [123.0, "1"]
    assert said[2] == pytest.approx(123.0, abs=0.5)
    assert said[3:] == ["0", '+0,"No error"']


def test_python_can_talks_through_two_slcan_adapters(drive):
    said = drive(
        "can",
        """
import can
ours, theirs = (can.Bus(interface="slcan", channel=A[r], bitrate=500000) for r in ("can", "can_b"))
out = [ours.get_version(0.5), ours.get_serial_number(0.5)]
ours.send(can.Message(arbitration_id=0x102, data=bytes(range(8)), is_extended_id=False))
heard = theirs.recv(2.0); out.append([heard.arbitration_id, heard.data.hex()])
theirs.send(can.Message(arbitration_id=0x7FF, is_remote_frame=True, dlc=4, is_extended_id=False))
heard = ours.recv(2.0); out.append([heard.arbitration_id, heard.is_remote_frame, heard.dlc])
ours.shutdown(); theirs.shutdown()
print(json.dumps(out))
""",
    )
    assert said == [[10, 13], "A123", [0x102, "0001020304050607"], [0x7FF, True, 4]]
