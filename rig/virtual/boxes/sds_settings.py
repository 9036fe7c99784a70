"""What can be set on a simulated Siglent SDS HD: channels, time base, trigger, acquisition.

The trigger level is clamped to 4.1 divisions around the middle of its channel's screen.
"""

from __future__ import annotations

from rig.virtual.boxes.scope_panel import CHANNELS
from rig.virtual.boxes.sds_panel import DIVISIONS, FASTEST_HZ, TIME_BASES_S, SdsPanel
from rig.virtual.boxes.sds_words import Bandwidth, Depth, Digits, Words
from rig.virtual.scpi import (
    AnyOf,
    Boolean,
    Choice,
    Dialect,
    Integer,
    Number,
    ScpiDevice,
    ScpiError,
    Text,
    command,
    query,
)
from rig.virtual.scpi.formats import on_off, quoted

__all__ = ["SdsSettings"]

_DIALECT = Dialect(queue_in_status_byte=False)
_COUPLING = Words("DC", "AC", "GND")
_IMPEDANCE = Words("ONEMeg", "FIFTy")
_UNITS = {"V": "VOLT", "A": "AMP"}
_MEMORY = Words("AUTO", "FSRate", "FMDepth")
_KIND = Words("NORMal", "PEAK")
_SLOPE = Words("RISing", "FALLing", "ALTernate")
_SLOPES = {"RIS": "POS", "FALL": "NEG", "ALT": "ALT"}
_TRIGGER_COUPLING = Words("DC", "AC", "LFREJect", "HFREJect")
_CHANNEL_SOURCES = tuple(f"C{n}" for n in range(1, CHANNELS + 1))
_SOURCE = Choice(*_CHANNEL_SOURCES, "EX", "EX5", "LINE", short=False)
_SOURCES = {
    **{f"C{n}": f"CHAN{n}" for n in range(1, CHANNELS + 1)}, "EX": "EXT", "EX5": "EXT5",
}  # fmt: skip
_DEPTHS = Depth(*(m * 10**e for m in (1, 2) for e in range(4, 9)))
_LEVEL_DIVISIONS = 4.1
_MOST_DIGITS = {"SING": 7, "DOUB": 14}


class SdsSettings(ScpiDevice):
    """The settings part of the box."""

    def __init__(self, panel: SdsPanel, *, identity: str, turnaround_s: float) -> None:
        self.panel = panel
        self.digits = Digits()
        super().__init__(_DIALECT, identity=identity, turnaround_s=turnaround_s)
        self._bind_channels()
        self._bind_trigger()
        self._bind_acquisition()

    def _bind_channels(self) -> None:
        panels = [self.panel.inputs[n] for n in range(1, CHANNELS + 1)]
        header = f"CHANnel<1:{CHANNELS}>"
        for node, name in (
            ("SWITch", "display"),
            ("INVert", "invert"),
            ("VISible", "visible"),
            ("LABel", "label_shown"),
        ):
            self.bind_each(f"{header}:{node}", panels, name, Boolean(), on_off)
        for node, name, words in (
            ("COUPling", "coupling", _COUPLING),
            ("IMPedance", "impedance", _IMPEDANCE),
        ):
            self.bind_each(f"{header}:{node}", panels, name, words.kind, words.show)
        self.bind_each(f"{header}:BWLimit", panels, "bandwidth", Bandwidth(), str)
        self.bind_each(f"{header}:LABel:TEXT", panels, "label", Text(), quoted)
        skew = Number(-1e-7, 1e-7, unit="S")
        self.bind_each(f"{header}:SKEW", panels, "skew_s", skew, self.digits.show)

    def _bind_trigger(self) -> None:
        state, show = self.panel.state, self.digits.show
        self.bind("TRIGger:TYPE", state, "trigger_mode", Choice("EDGE"), str)
        coupling = _TRIGGER_COUPLING
        self.bind("TRIGger:EDGE:COUPling", state, "trigger_coupling", coupling.kind, coupling.show)
        self.bind("TRIGger:EDGE:NREJect", state, "noise_reject", Boolean(), on_off)
        self.bind(
            "TRIGger:EDGE:IMPedance", state, "edge_impedance", _IMPEDANCE.kind, _IMPEDANCE.show
        )
        self.bind("TRIGger:EDGE:HLDTime", state, "holdoff_s", Number(8e-9, 30.0, unit="S"), show)

    def _bind_acquisition(self) -> None:
        state = self.panel.state
        self.bind("ACQuire:MMANagement", state, "memory_mode", _MEMORY.kind, _MEMORY.show)
        self.bind("ACQuire:MDEPth", state, "memory_points", _DEPTHS, _DEPTHS.show)
        self.bind("ACQuire:TYPE", state, "kind", _KIND.kind, _KIND.show)
        self.bind("ACQuire:INTerpolation", state, "interpolation", Boolean(), on_off)

    # -- common and precision ----------------------------------------------------------------

    @query("*IDN")
    def identify(self) -> str:
        """Return maker, model, serial number and firmware."""
        return self.identity

    @query("*OPC")
    def completion(self) -> str:
        """Answer 1; no command is ever pending."""
        return "1"

    @command("*RST")
    def restore_start_up(self) -> None:
        """Return to the start-up state."""
        self.reset()

    @command("FORMat:DATA", Choice("SINGle", "DOUBle", "CUSTom"), Integer(1, 64), optional=1)
    def set_digits(self, precision: str, digits: int = 3) -> None:
        """Choose how many digits NR3 replies have."""
        self.digits.count = _MOST_DIGITS.get(precision, digits)

    @query("FORMat:DATA")
    def shown_digits(self) -> str:
        """Return how many digits NR3 replies have."""
        return f"CUSTom,{self.digits.count}"

    # -- channels ----------------------------------------------------------------------------

    @command(f"CHANnel<1:{CHANNELS}>:SCALe", Number(1e-9, 1e7, unit="V"))
    def set_scale(self, channel: int, scale: float) -> None:
        """Set the value of a division, 0.5 mV to 10 V at the input times the probe's factor."""
        state = self.panel.inputs[channel]
        state.scale = min(max(scale, 0.5e-3 * state.probe), 10.0 * state.probe)

    @query(f"CHANnel<1:{CHANNELS}>:SCALe")
    def scale(self, channel: int) -> str:
        """Return the value of a division."""
        return self.digits.show(self.panel.inputs[channel].scale)

    @command(f"CHANnel<1:{CHANNELS}>:OFFSet", Number(-1e6, 1e6, unit="V"))
    def set_offset(self, channel: int, offset: float) -> None:
        """Move the trace up by a value."""
        self.panel.inputs[channel].offset = -offset

    @query(f"CHANnel<1:{CHANNELS}>:OFFSet")
    def offset(self, channel: int) -> str:
        """Return how far the trace is moved up."""
        return self.digits.show(-self.panel.inputs[channel].offset)

    @command(
        f"CHANnel<1:{CHANNELS}>:PROBe", Choice("DEFault", "VALue"), Number(1e-6, 1e6), optional=1
    )
    def set_probe(self, channel: int, word: str, factor: float | None = None) -> None:
        """Set the probe's factor; scale and offset follow, the input's volts stay."""
        if (word == "VAL") != (factor is not None):
            raise ScpiError(-109 if factor is None else -108)
        state = self.panel.inputs[channel]
        new = factor or 1.0
        ratio = new / state.probe
        state.probe, state.scale, state.offset = new, state.scale * ratio, state.offset * ratio

    @query(f"CHANnel<1:{CHANNELS}>:PROBe")
    def probe(self, channel: int) -> str:
        """Return the probe's factor."""
        return self.digits.show(self.panel.inputs[channel].probe)

    @command(f"CHANnel<1:{CHANNELS}>:UNIT", Choice("V", "A"))
    def set_unit(self, channel: int, unit: str) -> None:
        """Choose volts or amps."""
        self.panel.inputs[channel].units = _UNITS[unit]

    @query(f"CHANnel<1:{CHANNELS}>:UNIT")
    def unit(self, channel: int) -> str:
        """Return V or A."""
        return self.panel.inputs[channel].units[0]

    # -- time base and acquisition -----------------------------------------------------------

    @command("TIMebase:SCALe", Number(1e-10, 1e4, unit="S"))
    def set_time_base(self, division_s: float) -> None:
        """Set the time of a division, taken up to the next of the table."""
        fits = [base for base in TIME_BASES_S if base >= division_s * (1.0 - 1e-9)]
        self.panel.state.division_s = fits[0] if fits else TIME_BASES_S[-1]

    @query("TIMebase:SCALe")
    def time_base(self) -> str:
        """Return the time of a division."""
        return self.digits.show(self.panel.state.division_s)

    @command("TIMebase:DELay", Number(-1e7, 1e4, unit="S"))
    def set_delay(self, delay_s: float) -> None:
        """Set how far the trigger stands right of the centre, -5000 to 5 divisions."""
        division_s = self.panel.state.division_s
        most_s = DIVISIONS / 2.0 * division_s
        self.panel.state.delay_s = min(max(delay_s, -5000.0 * division_s), most_s)

    @query("TIMebase:DELay")
    def delay(self) -> str:
        """Return how far the trigger stands right of the centre."""
        return self.digits.show(self.panel.state.delay_s)

    @command("ACQuire:SRATe", Number(1.0, 1e11, unit="SA/S"))
    def set_rate(self, rate_hz: float) -> None:
        """Set the rate of the fixed-rate mode; a rate beyond the fastest is taken as that."""
        self.panel.state.fixed_rate_hz = min(rate_hz, FASTEST_HZ)

    @query("ACQuire:SRATe")
    def rate(self) -> str:
        """Return the sample rate of an acquisition begun now."""
        return self.digits.show(self.panel.state.rate_hz)

    @query("ACQuire:POINts")
    def points(self) -> str:
        """Return how many samples the screen shows."""
        shot = self.panel.shot
        layout = self.panel.state.layout() if shot is None else shot.layout
        return self.digits.show(layout.points)

    # -- trigger -----------------------------------------------------------------------------

    @command("TRIGger:EDGE:SOURce", _SOURCE)
    def set_source(self, source: str) -> None:
        """Choose a channel, the external input (EX5: divided by 5), or the mains."""
        self.panel.state.trigger_source = _SOURCES.get(source, source)

    @query("TRIGger:EDGE:SOURce")
    def source(self) -> str:
        """Return the trigger source."""
        kept = self.panel.state.trigger_source
        return next((name for name, inner in _SOURCES.items() if inner == kept), kept)

    @command("TRIGger:EDGE:SLOPe", _SLOPE.kind)
    def set_slope(self, slope: str) -> None:
        """Choose the edge."""
        self.panel.state.trigger_slope = _SLOPES[slope]

    @query("TRIGger:EDGE:SLOPe")
    def slope(self) -> str:
        """Return the edge."""
        kept = self.panel.state.trigger_slope
        return _SLOPE.show(next(name for name, inner in _SLOPES.items() if inner == kept))

    @command("TRIGger:EDGE:LEVel", AnyOf(Number(-1e6, 1e6, unit="A"), Number(-1e6, 1e6, unit="V")))
    def set_level(self, level: float) -> None:
        """Set the level of the present source."""
        source = self.panel.state.trigger_source
        if source.startswith("CHAN"):
            state = self.panel.inputs[int(source[-1])]
            reach = _LEVEL_DIVISIONS * state.scale
            level = min(max(level, state.offset - reach), state.offset + reach)
        self.panel.state.levels[source] = level

    @query("TRIGger:EDGE:LEVel")
    def level(self) -> str:
        """Return the level of the present source."""
        return self.digits.show(self.panel.level(self.panel.state.trigger_source))
