"""Keysight InfiniiVision oscilloscope, simulated (facts/instruments.md C3; Programmer's Guide).

Preamble, waveform headers, register bits and the digitizer mode follow pages of the InfiniiVision
3000T/4000 X-Series Programmer's Guides; the other headers are the series' usual ones, not checked
page by page. Left out: zoom, roll, segmented memory, digital channels. ``:DIGitize`` holds the
interface for as long as a record takes that triggers by itself: a real scope that waits for a
trigger answers nothing before it. The start-up state is stopped. The reference of signed data
is taken as 0, a query for data where there are none answers an empty block and reports -230.
"""

from __future__ import annotations

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.infiniivision_settings import InfiniiVisionSettings
from rig.virtual.boxes.scope_panel import CHANNELS, MEMORY_POINTS, ScopePanel
from rig.virtual.boxes.scope_waveform import WaveformForm, WaveformReader
from rig.virtual.ports import ScopePort
from rig.virtual.scpi import AnyOf, Choice, Integer, RegisterGroup, Text, command, query
from rig.virtual.scpi.formats import block, nr3, signed_nr1

__all__ = ["KeysightInfiniiVision"]

_TURNAROUND_S = 0.002
_TRANSFER_BYTES_PER_S = 20e6
_RUN, _WAIT_TRIGGER = 0x08, 0x20
_TRIGGER_SUMMARY, _OPERATION_SUMMARY = 0x01, 0x80
_FORMATS = {"BYTE": 0, "WORD": 1, "ASC": 4}
_TYPES = {"NORM": 0, "PEAK": 1, "AVER": 2, "HRES": 3}
_BLOCK_WIDTH = 8
_SOURCES = Choice(*(f"CHANnel{n}" for n in range(1, CHANNELS + 1)))
_exact = nr3(8, sign="+")


class KeysightInfiniiVision(InfiniiVisionSettings):
    """The box on its HiSLIP or socket port, four analog channels.

    Each specimen has a gain of its own within ``gain_error`` a channel, and a time base that is
    off by ``pace_error`` (standard deviation).
    """

    def __init__(
        self,
        clock: Clock,
        port: ScopePort,
        rng: np.random.Generator,
        *,
        model: str = "DSO-X 4024A",
        serial: str = "MY00000001",
        firmware: str = "07.30.2019051434",
        gain_error: float = 0.01,
        pace_error: float = 10e-6,
        turnaround_s: float = _TURNAROUND_S,
    ) -> None:
        panel, form = (
            ScopePanel(clock, port, rng, gain_error=gain_error, pace_error=pace_error),
            WaveformForm(),
        )
        self.reader = WaveformReader(panel, form)
        self.operation = RegisterGroup()
        identity = f"KEYSIGHT TECHNOLOGIES,{model},{serial},{firmware}"
        super().__init__(panel, form, identity=identity, turnaround_s=turnaround_s)
        self.bind("OPEE", self.operation, "enable", Integer(0, 32767), signed_nr1)

    # -- front panel -------------------------------------------------------------------------

    def refresh(self) -> None:
        """Follow the acquisition and the operation register."""
        self.panel.refresh()
        self._follow_register()

    def reset(self) -> None:
        """Return to the start-up state."""
        self.panel.reset()
        start_up = WaveformForm()
        for name in start_up.__dataclass_fields__:
            setattr(self.form, name, getattr(start_up, name))
        self._follow_register()

    def clear_events(self) -> None:
        """Clear the arm, trigger and operation events."""
        self.panel.armed_event = self.panel.trigger_event = False
        self.operation.event = 0

    def summary_bits(self) -> int:
        """Return the trigger bit and the operation summary."""
        byte = _TRIGGER_SUMMARY if self.panel.trigger_event else 0
        return byte | _OPERATION_SUMMARY if self.operation.summary else byte

    def _follow_register(self) -> None:
        bits = _RUN if self.panel.running else 0
        self.operation.update(bits | (_WAIT_TRIGGER if self.panel.waiting else 0))

    # -- run control -------------------------------------------------------------------------

    @command("SINGle")
    def single(self) -> None:
        """Begin one acquisition."""
        self.panel.single()
        self._follow_register()

    @command("DIGitize", *(_SOURCES,) * CHANNELS, optional=CHANNELS)
    def digitize(self, *sources: str) -> None:
        """Take one record of the channels named, else of those displayed; the exchange lasts."""
        self.panel.single({int(source[-1]) for source in sources})
        self._follow_register()
        assert self.panel.shot is not None  # it has just begun
        self.charge(max(self.panel.shot.longest_s, 0.0))

    @command("RUN")
    def run(self) -> None:
        """Acquire again and again."""
        self.panel.run()
        self._follow_register()

    @command("STOP")
    def stop(self) -> None:
        """End the acquisition; what was taken stays."""
        self.panel.stop()
        self._follow_register()

    @command("VIEW", _SOURCES)
    def view(self, source: str) -> None:
        """Show a channel."""
        self.panel.channels[int(source[-1])].display = True

    @command("BLANk", _SOURCES, optional=1)
    def blank(self, source: str | None = None) -> None:
        """Show a channel no more; without a name, none."""
        for n, channel in self.panel.channels.items():
            if source is None or n == int(source[-1]):
                channel.display = False

    @query("STATus", _SOURCES)
    def shown(self, source: str) -> str:
        """Say whether a channel is shown."""
        return str(int(self.panel.channels[int(source[-1])].display))

    @command("TRIGger:FORCe")
    def force_trigger(self) -> None:
        """Trigger now."""
        self.panel.force()
        self._follow_register()

    @query("AER")
    def arm_event(self) -> str:
        """Say whether the trigger has been armed, and forget it."""
        event, self.panel.armed_event = self.panel.armed_event, False
        return signed_nr1(event)

    @query("TER")
    def trigger_event(self) -> str:
        """Say whether a trigger has come, and forget it."""
        event, self.panel.trigger_event = self.panel.trigger_event, False
        return signed_nr1(event)

    @query("OPERegister:CONDition")
    def operation_condition(self) -> str:
        """Return what is going on: bit 3 running, bit 5 waiting for the trigger."""
        return signed_nr1(self.operation.condition)

    @query("OPERegister[:EVENt]")
    def operation_event(self) -> str:
        """Return what has begun since the last reading."""
        return signed_nr1(self.operation.read_event())

    @command("SYSTem:PRESet")
    def preset(self) -> None:
        """Return to the start-up state."""
        self.reset()

    @command("SYSTem:DSP", Text())
    def show(self, text: str) -> None:
        """Show a message on the screen, which nobody sees here."""

    # -- readout -----------------------------------------------------------------------------

    @command("WAVeform:POINts", AnyOf(Choice("NORMal", "MAXimum", "RAW"), Integer(100, 10_000_000)))
    def set_points(self, points: int | str) -> None:
        """Set how many points to transfer; as many as there are, in a mode, by its name."""
        if isinstance(points, str):
            self.form.points_mode, self.form.points = points, None
        else:
            self.form.points = min(points, MEMORY_POINTS)

    @query("WAVeform:POINts")
    def points(self) -> str:
        """Return how many points a transfer would bring."""
        return signed_nr1(self.reader.selection().count)

    @query("WAVeform:PREamble")
    def preamble(self) -> str:
        """Return the ten numbers that scale the data."""
        chosen = self.reader.selection()
        scale = self.reader.scaling(chosen)
        whole = (_FORMATS[self.form.format], self._type(), chosen.count, self._count())
        return ",".join(
            (
                *map(signed_nr1, whole),
                _exact(scale.x_increment_s),
                _exact(scale.x_origin_s),
                "+0",
                _exact(scale.y_increment),
                _exact(scale.y_origin),
                signed_nr1(scale.y_reference),
            )
        )

    @query("WAVeform:DATA")
    def data(self) -> bytes:
        """Return the samples as a definite-length block."""
        payload = self.reader.payload(self.reader.selection())
        if not payload:
            self.report(-230)
        self.charge(len(payload) / _TRANSFER_BYTES_PER_S)
        return block(payload, width=_BLOCK_WIDTH)

    @query("WAVeform:TYPE")
    def acquired_type(self) -> str:
        """Return how the record was taken."""
        return self.panel.state.acquire_type

    @query("WAVeform:COUNt")
    def acquired_count(self) -> str:
        """Return how many acquisitions were averaged."""
        return signed_nr1(self._count())

    @query("WAVeform:XINCrement")
    def x_increment(self) -> str:
        """Return the time between points in s."""
        return _exact(self.reader.scaling(self.reader.selection()).x_increment_s)

    @query("WAVeform:XORigin")
    def x_origin(self) -> str:
        """Return the time of the first point after the trigger in s."""
        return _exact(self.reader.scaling(self.reader.selection()).x_origin_s)

    @query("WAVeform:XREFerence")
    def x_reference(self) -> str:
        """Return the point that the origin belongs to: the first."""
        return "+0"

    @query("WAVeform:YINCrement")
    def y_increment(self) -> str:
        """Return the value of one code."""
        return _exact(self.reader.scaling(self.reader.selection()).y_increment)

    @query("WAVeform:YORigin")
    def y_origin(self) -> str:
        """Return the value in the middle of the screen."""
        return _exact(self.reader.scaling(self.reader.selection()).y_origin)

    @query("WAVeform:YREFerence")
    def y_reference(self) -> str:
        """Return the code in the middle of the screen."""
        return signed_nr1(self.reader.scaling(self.reader.selection()).y_reference)

    def _type(self) -> int:
        return _TYPES[self.panel.state.acquire_type]

    def _count(self) -> int:
        averaging = self.panel.state.acquire_type == "AVER"
        return self.panel.state.acquire_count if averaging else 1
