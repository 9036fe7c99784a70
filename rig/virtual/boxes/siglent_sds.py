"""Siglent SDS HD oscilloscope, simulated (facts/instruments.md C3; programming guide EN11).

Stand-ins: model and firmware, memory depths, the largest piece (``WAVeform:MAXPoint?``), codes a
division. The guide names no error query and no status register but ``*OPC?``: what is refused is
ignored in silence, an unknown query gets no answer. The first sample of the screen lies
``-delay - 5 divisions`` after the trigger; the guide gives the delay a range of -5000 to +5
divisions, so that negative delays look behind the trigger. Left out: sequence, average and ERES
acquisition, zoom, roll, measurements, math, digital channels, screenshots.
"""

from __future__ import annotations

import numpy as np

from instruments.clock import Clock
from rig.virtual.boxes.scope_panel import CHANNELS
from rig.virtual.boxes.sds_panel import SdsPanel
from rig.virtual.boxes.sds_settings import SdsSettings
from rig.virtual.boxes.sds_waveform import SdsForm, SdsReader
from rig.virtual.boxes.sds_words import Words
from rig.virtual.ports import ScopePort
from rig.virtual.scpi import Choice, Integer, command, query
from rig.virtual.scpi.formats import block, nr1

__all__ = ["SiglentSds"]

_TURNAROUND_S = 0.005
_TRANSFER_BYTES_PER_S = 20e6
_MOST_POINTS = 250_000
_MODE = Words("SINGle", "NORMal", "AUTO", "FTRIG")
_SOURCE = Choice(*(f"C{n}" for n in range(1, CHANNELS + 1)), short=False)


class SiglentSds(SdsSettings):
    """The box on its LAN port, four analog channels."""

    def __init__(
        self,
        clock: Clock,
        port: ScopePort,
        rng: np.random.Generator,
        *,
        model: str = "SDS2104X HD",
        serial: str = "SDS2HAAA000001",
        firmware: str = "1.2.2.9",
        gain_error: float = 0.005,
        pace_error: float = 1e-6,
        most_points: int = _MOST_POINTS,
        turnaround_s: float = _TURNAROUND_S,
    ) -> None:
        panel = SdsPanel(clock, port, rng, gain_error=gain_error, pace_error=pace_error)
        self.form = SdsForm()
        self.reader = SdsReader(panel, self.form, most_points=most_points)
        identity = f"Siglent Technologies,{model},{serial},{firmware}"
        super().__init__(panel, identity=identity, turnaround_s=turnaround_s)
        whole = Integer(0, 2**31 - 1)
        self.bind("WAVeform:STARt", self.form, "start", whole, nr1)
        self.bind("WAVeform:INTerval", self.form, "interval", Integer(1, 2**31 - 1), nr1)
        self.bind("WAVeform:POINt", self.form, "points", whole, nr1)
        self.bind("WAVeform:WIDTh", self.form, "width", Choice("BYTE", "WORD"), str)

    def refresh(self) -> None:
        """Follow the acquisition."""
        self.panel.refresh()

    def reset(self) -> None:
        """Return to the start-up state."""
        self.panel.reset()
        self.digits.count = 3
        start_up = SdsForm()
        for name in start_up.__dataclass_fields__:
            setattr(self.form, name, getattr(start_up, name))

    # -- run control -------------------------------------------------------------------------

    @command("TRIGger:MODE", _MODE.kind)
    def set_mode(self, mode: str) -> None:
        """Acquire once, on triggers, also without, or force a frame; each begins at once."""
        self.panel.start(mode)

    @query("TRIGger:MODE")
    def mode(self) -> str:
        """Return the mode chosen last."""
        return _MODE.show(self.panel.state.run_mode)

    @command("TRIGger:RUN")
    def run(self) -> None:
        """Begin to acquire in the mode chosen last."""
        self.panel.start(self.panel.state.run_mode)

    @command("TRIGger:STOP")
    def stop(self) -> None:
        """End the acquisition; what was taken stays."""
        self.panel.stop()

    @query("TRIGger:STATus")
    def status_word(self) -> str:
        """Return Arm, Ready, Auto, Trig'd or Stop."""
        return self.panel.status

    # -- readout -----------------------------------------------------------------------------

    @command("WAVeform:SOURce", _SOURCE)
    def set_waveform_source(self, source: str) -> None:
        """Choose the channel to be read."""
        self.form.source = int(source[1:])

    @query("WAVeform:SOURce")
    def waveform_source(self) -> str:
        """Return the channel to be read."""
        return f"C{self.form.source}"

    @query("WAVeform:MAXPoint")
    def most_points(self) -> str:
        """Return how many samples one transfer brings at most."""
        return nr1(self.reader.most_points)

    @query("WAVeform:PREamble")
    def preamble(self) -> bytes:
        """Return the WAVEDESC block."""
        return block(self.reader.descriptor(), width=9)

    @query("WAVeform:DATA")
    def data(self) -> bytes:
        """Return one piece of the samples."""
        payload = self.reader.payload()
        self.charge(len(payload) / _TRANSFER_BYTES_PER_S)
        return block(payload)
