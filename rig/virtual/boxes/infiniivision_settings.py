"""What can be set on a simulated InfiniiVision: channels, time base, trigger, acquisition, readout.

Waveform and digitizer headers follow the 3000T/4000 X-Series Programmer's Guides; the other
headers are the series' usual ones, not checked page by page.
"""

from __future__ import annotations

from rig.virtual.boxes.scope_panel import CHANNELS, FASTEST_HZ, MEMORY_POINTS, ScopePanel, ladder
from rig.virtual.boxes.scope_waveform import WaveformForm
from rig.virtual.scpi import (
    Boolean,
    Choice,
    CommonCommands,
    Dialect,
    ErrorQueries,
    Integer,
    Number,
    ScpiError,
    Text,
    command,
    query,
)
from rig.virtual.scpi.formats import nr3, quoted, signed_nr1, zero_one

__all__ = ["InfiniiVisionSettings"]

_QUEUE_DEPTH = 30
_SOURCES = tuple(f"CHANnel{n}" for n in range(1, CHANNELS + 1))
_TRIGGER_SOURCE = Choice(*_SOURCES, "EXTernal", "LINE")
_CHANNEL = Choice(*_SOURCES)
_nr3 = nr3(5, sign="+")
_exact = nr3(8, sign="+")
_DIALECT = Dialect(
    queue_depth=_QUEUE_DEPTH,
    no_error='+0,"No error"',
    error_format='{code:+d},"{text}"',
    queue_in_status_byte=False,
)


class InfiniiVisionSettings(CommonCommands, ErrorQueries):
    """The settings part of the box."""

    def __init__(
        self, panel: ScopePanel, form: WaveformForm, *, identity: str, turnaround_s: float
    ) -> None:
        self.panel, self.form = panel, form
        super().__init__(_DIALECT, identity=identity, turnaround_s=turnaround_s)
        self._bind_channels()
        self._bind_time_base()
        self._bind_trigger()
        self._bind_acquisition()
        self._bind_waveform()

    # -- settings ----------------------------------------------------------------------------

    def _bind_channels(self) -> None:
        panels = [self.panel.channels[n] for n in range(1, CHANNELS + 1)]
        header = f"CHANnel<1:{CHANNELS}>"
        for node, name, flag in (
            ("BWLimit", "bandwidth_limit", Boolean()),
            ("DISPlay", "display", Boolean()),
            ("INVert", "invert", Boolean()),
            ("VERNier", "vernier", Boolean()),
        ):
            self.bind_each(f"{header}:{node}", panels, name, flag, zero_one)
        for node, name, words in (
            ("COUPling", "coupling", Choice("AC", "DC")),
            ("IMPedance", "impedance", Choice("ONEMeg", "FIFTy")),
            ("UNITs", "units", Choice("VOLT", "AMPere")),
        ):
            self.bind_each(f"{header}:{node}", panels, name, words, str)
        offset = Number(-1e6, 1e6, unit="V")
        self.bind_each(f"{header}:OFFSet", panels, "offset", offset, _nr3)
        self.bind_each(f"{header}:LABel", panels, "label", Text(), quoted)

    def _bind_time_base(self) -> None:
        state = self.panel.state
        seconds = Number(20e-9, 500.0, unit="S")
        self.bind("TIMebase:RANGe", state, "range_s", seconds, _nr3)
        self.bind("TIMebase:SCALe", state, "scale_s", Number(2e-9, 50.0, unit="S"), _nr3)
        self.bind("TIMebase:POSition", state, "position_s", Number(-500.0, 500.0, unit="S"), _exact)
        reference = Choice("LEFT", "CENTer", "RIGHt", "CUSTom")
        self.bind("TIMebase:REFerence", state, "reference", reference, str)
        self.bind("TIMebase:REFerence:LOCation", state, "location", Number(0.0, 1.0), _nr3)
        self.bind("TIMebase:MODE", state, "mode", Choice("MAIN"), str)

    def _bind_trigger(self) -> None:
        state = self.panel.state
        slope = Choice("POSitive", "NEGative", "EITHer", "ALTernate")
        self.bind("TRIGger:MODE", state, "trigger_mode", Choice("EDGE"), str)
        self.bind("TRIGger:SWEep", state, "sweep", Choice("AUTO", "NORMal"), str)
        self.bind("TRIGger:HOLDoff", state, "holdoff_s", Number(40e-9, 10.0, unit="S"), _nr3)
        self.bind("TRIGger:NREJect", state, "noise_reject", Boolean(), zero_one)
        self.bind("TRIGger:HFReject", state, "hf_reject", Boolean(), zero_one)
        self.bind("TRIGger[:EDGE]:SOURce", state, "trigger_source", _TRIGGER_SOURCE, str)
        self.bind("TRIGger[:EDGE]:SLOPe", state, "trigger_slope", slope, str)
        coupling = Choice("AC", "DC", "LFReject")
        self.bind("TRIGger[:EDGE]:COUPling", state, "trigger_coupling", coupling, str)
        self.bind("EXTernal:PROBe", state, "external_probe", Number(0.1, 1000.0), _nr3)
        units = Choice("VOLT", "AMPere")
        self.bind("EXTernal:UNITs", state, "external_units", units, str)

    def _bind_acquisition(self) -> None:
        state = self.panel.state
        kinds = Choice("NORMal", "AVERage", "HRESolution", "PEAK")
        self.bind("ACQuire:TYPE", state, "acquire_type", kinds, str)
        self.bind("ACQuire:MODE", state, "acquire_mode", Choice("RTIMe"), str)
        self.bind("ACQuire:COUNt", state, "acquire_count", Integer(2, 65536), signed_nr1)
        self.bind("ACQuire:COMPlete", state, "complete_percent", Integer(100, 100), signed_nr1)

    def _bind_waveform(self) -> None:
        form = self.form
        self.bind("WAVeform:SOURce", form, "source", _CHANNEL, str)
        self.bind("WAVeform:FORMat", form, "format", Choice("BYTE", "WORD", "ASCii"), str)
        order = Choice("LSBFirst", "MSBFirst")
        self.bind("WAVeform:BYTeorder", form, "byte_order", order, str)
        self.bind("WAVeform:UNSigned", form, "unsigned", Boolean(), zero_one)
        self.bind("WAVeform:VIEW", form, "view", Choice("MAIN", "ALL"), str)
        modes = Choice("NORMal", "MAXimum", "RAW")
        self.bind("WAVeform:POINts:MODE", form, "points_mode", modes, str)

    @command(f"CHANnel<1:{CHANNELS}>:SCALe", Number(1e-6, 5e5, unit="V"))
    def set_scale(self, channel: int, scale: float) -> None:
        """Set the value of a division, 1 mV to 5 V at the input times the probe's factor."""
        state = self.panel.channels[channel]
        if not 0.999e-3 * state.probe <= scale <= 5.001 * state.probe:
            raise ScpiError(-222)
        state.scale = scale

    @query(f"CHANnel<1:{CHANNELS}>:SCALe")
    def scale(self, channel: int) -> str:
        """Return the value of a division."""
        return _nr3(self.panel.channels[channel].scale)

    @command(f"CHANnel<1:{CHANNELS}>:RANGe", Number(8e-6, 4e6, unit="V"))
    def set_range(self, channel: int, full_scale: float) -> None:
        """Set the value of the eight divisions."""
        self.set_scale(channel, full_scale / 8.0)

    @query(f"CHANnel<1:{CHANNELS}>:RANGe")
    def range(self, channel: int) -> str:
        """Return the value of the eight divisions."""
        return _nr3(self.panel.channels[channel].full_scale)

    @command(f"CHANnel<1:{CHANNELS}>:PROBe", Number(0.001, 10000.0))
    def set_probe(self, channel: int, factor: float) -> None:
        """Set the probe's factor; scale and offset follow, the input's volts stay."""
        state = self.panel.channels[channel]
        ratio = factor / state.probe
        state.probe, state.scale, state.offset = factor, state.scale * ratio, state.offset * ratio

    @query(f"CHANnel<1:{CHANNELS}>:PROBe")
    def probe(self, channel: int) -> str:
        """Return the probe's factor."""
        return _nr3(self.panel.channels[channel].probe)

    @query("EXTernal:RANGe")
    def external_range(self) -> str:
        """Return the span of the external input, 8 V times its probe's factor."""
        return _nr3(8.0 * self.panel.state.external_probe)

    @command("TRIGger[:EDGE]:LEVel", Number(-1e6, 1e6, unit="V"), _TRIGGER_SOURCE, optional=1)
    def set_level(self, level: float, source: str | None = None) -> None:
        """Set the level of a source, the present one by default."""
        self.panel.state.levels[source or self.panel.state.trigger_source] = level

    @query("TRIGger[:EDGE]:LEVel", _TRIGGER_SOURCE, optional=1)
    def level(self, source: str | None = None) -> str:
        """Return the level of a source, the present one by default."""
        return _nr3(self.panel.level(source or self.panel.state.trigger_source))

    @command("ACQuire:DIGitizer", Boolean())
    def set_digitizer(self, on: bool) -> None:
        """Choose between the user's rate and depth and the time base's."""
        self.panel.state.digitizer = on

    @query("ACQuire:DIGitizer")
    def digitizer(self) -> str:
        """Say whether digitizer mode is in effect."""
        return zero_one(self.panel.state.digitizing)

    @command("ACQuire:SRATe[:ANALog]", Number(1.0, FASTEST_HZ, unit="SA/S"))
    def set_rate(self, rate_hz: float) -> None:
        """Set the sample rate, rounded up to a rate of the ladder; digitizer mode goes on."""
        fits = ladder(rate_hz)
        if fits < rate_hz * (1 - 1e-9):
            fits = ladder(min(rate_hz * 2.5, FASTEST_HZ))
        self.panel.state.digitizer_rate_hz = fits
        self.panel.state.digitizer = True

    @query("ACQuire:SRATe[:ANALog]")
    def rate(self) -> str:
        """Return the sample rate of an acquisition begun now."""
        return _nr3(self.panel.state.layout().rate_hz)

    @command("ACQuire:POINts[:ANALog]", Integer(100, MEMORY_POINTS))
    def set_depth(self, points: int) -> None:
        """Set the depth of memory, which turns digitizer mode on."""
        self.panel.state.digitizer_points, self.panel.state.digitizer = points, True

    @query("ACQuire:POINts[:ANALog]")
    def depth(self) -> str:
        """Return the depth of an acquisition begun now."""
        return signed_nr1(self.panel.state.layout().points)

    @command("ACQuire:SRATe[:ANALog]:AUTO", Boolean())
    def set_rate_auto(self, on: bool) -> None:
        """Leave the rate to the time base."""
        self.panel.state.digitizer = not on

    @query("ACQuire:SRATe[:ANALog]:AUTO")
    def rate_auto(self) -> str:
        """Say whether the time base chooses the rate."""
        return zero_one(not self.panel.state.digitizing)

    @command("ACQuire:POINts[:ANALog]:AUTO", Boolean())
    def set_depth_auto(self, on: bool) -> None:
        """Leave the depth to the time base."""
        self.panel.state.digitizer = not on

    @query("ACQuire:POINts[:ANALog]:AUTO")
    def depth_auto(self) -> str:
        """Say whether the time base chooses the depth."""
        return zero_one(not self.panel.state.digitizing)
