"""What a Siglent SDS HD must be told for one single shot, step by step, and its descriptor."""

import struct

from instruments.capabilities import ScopeSetup
from instruments.ratings import Probe, ScopeRating
from instruments.siglent_sds import SiglentSds

RATING = ScopeRating(channels=2, probes={1: Probe(100.0), 2: Probe(10.0, "A")})
SETUP = ScopeSetup(
    channels=(1, 2),
    sample_rate_hz=100e3,
    pre_trigger_s=0.1,
    duration_s=0.5,
    trigger=2,
    level=0.5,
    full_scale={1: 400.0},
)


def used(channel):
    header = f":CHAN{channel}"
    return (
        (f"{header}:SWIT ON", None),
        (f"{header}:COUP DC", None),
        (f"{header}:INV OFF", None),
        (f"{header}:SWIT?", "ON"),
        (f"{header}:COUP?", "DC"),
        (f"{header}:INV?", "OFF"),
    )


CHANNELS = (
    *used(1),
    (":CHAN1:UNIT V", None),
    (":CHAN1:PROB VALue,100", None),
    (":CHAN1:SCAL 125", None),
    (":CHAN1:OFFS 0", None),
    (":CHAN1:SCAL?", "1.25E+02"),
    (":CHAN1:OFFS?", "0.00E+00"),
    *used(2),
    (":CHAN2:UNIT A", None),
    (":CHAN2:PROB VALue,10", None),
)
TIME = (
    (":ACQ:MODE YT", None),
    (":TIM:SCAL 0.1", None),
    (":TIM:DEL 0", None),
    (":TIM:SCAL?", "1.00E-01"),
    (":TIM:DEL?", "0.00E+00"),
)
MEMORY = (
    (":ACQ:TYPE NORMal", None),
    (":ACQ:MMAN AUTO", None),
    (":ACQ:MDEP 100k", None),
    (":ACQ:SRAT?", "1.00E+05"),
)
TRIGGER = (
    (":CHAN2:SCAL?", "1.00E+01"),
    (":TRIG:TYPE EDGE", None),
    (":TRIG:EDGE:SOUR C2", None),
    (":TRIG:EDGE:COUP DC", None),
    (":TRIG:EDGE:SLOP RISing", None),
    (":TRIG:EDGE:LEV 0.5", None),
    (":TRIG:EDGE:SOUR?", "C2"),
    (":TRIG:EDGE:COUP?", "DC"),
    (":TRIG:EDGE:LEV?", "4.00E-01"),
)
RUN = ((":TRIG:MODE AUTO", None), (":TRIG:RUN", None))
SINGLE = ((":TRIG:MODE SINGle", None), (":TRIG:RUN", None))
SET_UP = (*RUN, *CHANNELS, *TIME, *MEMORY, *TRIGGER, *SINGLE)


def state(word):
    return (":TRIG:STAT?", word)


ARMED = (*SET_UP, state("Ready"))
SELECT = (
    (":WAV:SOUR C1", None),
    (":WAV:WIDT WORD", None),
    (":WAV:BYT LSB", None),
    (":WAV:STAR 0", None),
)


def wavedesc(**changes):
    fields = {
        "per_division": 1.25,
        "offset": 0.0,
        "codes": 7680.0,
        "bits": 12,
        "interval": 1e-5,
        "delay": 0.0,
        "probe": 100.0,
    } | changes
    block = bytearray(346)
    block[:8] = b"WAVEDESC"
    vertical = (fields[name] for name in ("per_division", "offset", "codes"))
    struct.pack_into("<fff", block, 0x9C, *vertical)
    struct.pack_into("<h", block, 0xAC, fields["bits"])
    struct.pack_into("<fd", block, 0xB0, fields["interval"], fields["delay"])
    struct.pack_into("<f", block, 0x148, fields["probe"])
    return bytes(block)


def scripted_scope(scripted_scpi, clock, *steps, rating=RATING):
    """Return the driver on a link that plays the steps, and the link."""
    link = scripted_scpi(*steps)
    return SiglentSds(link, clock, rating), link
