"""Single shots of a simulated InfiniiVision over known sines, and how a client reads them."""

import numpy as np
from box_client import ask
from known_sines import KnownSines

from rig.clock import VirtualClock
from rig.virtual.boxes.keysight_infiniivision import KeysightInfiniiVision


def no_error(box):
    return ask(box, ":SYST:ERR?") == '+0,"No error"'


def set_up(box, *, span=0.5, before=0.1, source="EXT", sweep="NORM"):
    """Full-scale 800 V; the reference LEFT is one division from the edge."""
    ask(box, ":CHAN1:PROB 100;SCAL 100;OFFS 0;DISP ON")
    ask(box, f":TIM:RANG {span};REF LEFT;POS {span / 10 - before:.9f}")
    ask(box, f":TRIG:MODE EDGE;SWE {sweep};:TRIG:EDGE:SOUR {source};SLOP POS;LEV 0")
    ask(box, ":WAV:SOUR CHAN1;FORM WORD;BYT LSBF;UNS ON;:WAV:POIN:MODE RAW;:WAV:POIN 50000")
    assert no_error(box)


def preamble(box):
    return [float(word) for word in ask(box, ":WAV:PRE?").split(",")]


def trace(box, dtype="<u2"):
    p = preamble(box)
    data = box.execute(b":WAV:DATA?").data
    assert data[:2] == b"#8"
    raw = np.frombuffer(data[10:], dtype=dtype).astype(float)
    assert len(raw) == p[2]
    t = (np.arange(len(raw)) - p[6]) * p[4] + p[5]
    return t, (raw - p[9]) * p[7] + p[8]


def shot(seed=3, **options):
    clock = VirtualClock()
    sines = KnownSines(clock)
    sines.edges = [1.0]
    box = KeysightInfiniiVision(clock, sines, np.random.default_rng(seed))
    set_up(box, **options)
    ask(box, ":CHAN2:DISP ON;PROB 100;SCAL 50;:SING")
    clock.sleep_until(3.0)
    return box
