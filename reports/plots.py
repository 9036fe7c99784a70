"""Draw a capture as it goes under a signature: what was seen, measured, and allowed.

Imports matplotlib, which is optional and heavy: import this module only when there is to draw.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from PIL import Image

from reports.plot_facts import PlotFacts
from reports.traces import Samples, Trace

__all__ = ["draw_capture"]

_Instants = TypeVar("_Instants", float, Samples)

_INCHES, _DPI = (10.0, 5.8), 140
_COLUMNS = 1500
"""Stretches of the envelope: about one a pixel of the panel."""

# Okabe and Ito's palette: told apart with every common colour vision, and in grey by line style.
_PANEL_COLOURS = {"V": ("#0072B2", "#CC79A7"), "A": ("#D55E00", "#E69F00")}
_OTHER_COLOURS = ("#000000", "#999999")
_START, _END, _LIMIT, _HOLD = "#009E73", "#000000", "#F0E442", "#CC79A7"
_LEVEL = "#806600"
_BAND, _OUTSIDE = "#009E73", "#D55E00"
_SHADE = 0.25
_TIME_UNITS = ((1.0, "s", 1.0), (1e3, "ms", 1.0), (1e6, "µs", 0.0))
_SHORT, _DASHES = (0, (4, 2)), (0, (6, 3))
_QUANTITIES = {"V": "voltage", "A": "current"}


@dataclass(frozen=True, slots=True)
class _Axis:
    """A stretch of the record on a time axis: from where it counts, and in which unit."""

    start_s: float
    end_s: float
    label: str
    origin_s: float = 0.0

    @property
    def unit(self) -> tuple[float, str]:
        """The axis units per second, and their name."""
        return (1e3, "ms") if self.end_s - self.start_s < 1.0 else (1.0, "s")

    def at(self, t_s: _Instants) -> _Instants:
        """Return an instant after the trigger, or an array of them, as it stands on the axis."""
        return (t_s - self.origin_s) * self.unit[0]


def draw_capture(facts: PlotFacts) -> bytes:
    """Return a PNG of 1400 pixels width."""
    figure = Figure(figsize=_INCHES, dpi=_DPI, layout="constrained")
    columns = _columns(facts)
    units = list(dict.fromkeys(trace.unit for trace in facts.traces))
    axes = figure.subplots(
        len(units), len(columns), squeeze=False, width_ratios=[2.1, 1.0][: len(columns)]
    )
    for number, (row, unit) in enumerate(zip(axes, units, strict=True), start=1):
        traces = [trace for trace in facts.traces if trace.unit == unit]
        for panel, axis in zip(row, columns, strict=True):
            _panel(panel, facts, traces, axis)
            panel.tick_params(labelbottom=number == len(units))
        row[0].set_ylabel(f"{_quantity(traces)} / {unit}")
    for panel, axis in zip(axes[-1], columns, strict=True):
        panel.set_xlabel(f"{axis.label} / {axis.unit[1]}")
    _words(figure, axes[0][0], facts)
    return _png(figure)


def _quantity(traces: Sequence[Trace]) -> str:
    """Return what an axis shows: the one channel's name, or what several have in common."""
    if len(traces) == 1:
        return _words_of(traces[0].name)
    return _QUANTITIES.get(traces[0].unit, "value")


def _words_of(name: str) -> str:
    return name.replace("_", " ")


def _columns(facts: PlotFacts) -> list[_Axis]:
    """Return the stretches to draw: the event with its limit, and what needs magnifying."""
    columns = [_Axis(*facts.view(), "time after the trigger")]
    if (detail := facts.detail()) is not None:
        label = f"magnified: time from {detail.origin}"
        columns.append(_Axis(detail.start_s, detail.end_s, label, detail.origin_s))
    return columns


def _panel(axes: Axes, facts: PlotFacts, traces: Sequence[Trace], axis: _Axis) -> None:
    """Draw the traces of one unit on a stretch of time, with the marks behind them."""
    colours = cycle(_PANEL_COLOURS.get(traces[0].unit, _OTHER_COLOURS))
    for trace, colour in zip(traces, colours, strict=False):
        _curve(axes, trace.between(axis.start_s, axis.end_s), colour, axis)
    axes.set_xlim(axis.at(axis.start_s), axis.at(axis.end_s))
    axes.grid(color="#DDDDDD", linewidth=0.6)
    axes.axhline(0.0, color="#999999", linewidth=0.6)
    axes.margins(y=0.08)
    if len(traces) > 1:
        axes.legend(loc="upper right", fontsize=8)
    _mark_levels(axes, facts, traces[0].unit)
    _mark_bands(axes, facts, traces[0].unit, axis)
    _mark_times(axes, facts, axis)


def _curve(axes: Axes, trace: Trace, colour: str, axis: _Axis) -> None:
    name = _words_of(trace.name)
    if trace.values.size <= 2 * _COLUMNS:
        axes.plot(axis.at(trace.times()), trace.values, color=colour, lw=1.1, label=name)
        return
    band = trace.envelope(_COLUMNS)
    # Min and max by turns in one line: every stretch is a stroke, neighbours are joined.
    times = np.repeat(axis.at(band.times_s), 2)
    values = np.column_stack([band.lowest, band.highest]).reshape(-1)
    axes.plot(times, values, color=colour, lw=0.7, alpha=0.75, label=name)


def _mark_levels(axes: Axes, facts: PlotFacts, unit: str) -> None:
    for level in facts.levels:
        if level.unit == unit and np.isfinite(level.value):
            for sign in (-1.0, 1.0):
                axes.axhline(sign * level.value, color=_LEVEL, lw=1.0, ls=_DASHES)


def _mark_bands(axes: Axes, facts: PlotFacts, unit: str, axis: _Axis) -> None:
    """Shade the band of a checked signal and where it was left; draw a signal of its own."""
    for band in (each for each in facts.bands if each.unit == unit):
        lowest, highest = axes.get_ylim()
        times, low, high = (np.array(column) for column in zip(*band.corners, strict=True))
        bounds = (np.clip(bound, lowest, highest) for bound in (low, high))
        axes.fill_between(axis.at(times), *bounds, color=_BAND, alpha=_SHADE, lw=0, zorder=0)
        if band.line:
            at, values = (np.array(column) for column in zip(*band.line, strict=True))
            axes.plot(axis.at(at), values, color="black", lw=1.2, drawstyle="steps-post")
        for start, end in band.outside:
            axes.axvspan(axis.at(start), axis.at(end), color=_OUTSIDE, alpha=0.35, lw=0, zorder=1)
        axes.set_xlim(axis.at(axis.start_s), axis.at(axis.end_s))
        axes.set_ylim(lowest, highest)


def _mark_times(axes: Axes, facts: PlotFacts, axis: _Axis) -> None:
    """Shade the limit window, mark the start, the onset and the end with its uncertainty."""
    start, limit = facts.starts_s, facts.limit
    if limit is not None and start is not None:
        until = facts.recorded[1] if limit.high_s is None else start + limit.high_s
        span = (axis.at(start + limit.low_s), axis.at(until))
        axes.axvspan(*span, color=_HOLD if limit.hold else _LIMIT, alpha=_SHADE, lw=0, zorder=0)
        if limit.high_s is not None:
            axes.axvline(axis.at(until), color=_LEVEL, lw=1.0, ls=_DASHES)
    if start is not None:
        axes.axvline(axis.at(start), color=_START, lw=1.3, ls=_SHORT)
    if facts.onset_s is not None and facts.onset_s != start:
        axes.axvline(axis.at(facts.onset_s), color=_START, lw=1.1, ls=":")
    if facts.end_s is not None:
        low, high = facts.end_s - facts.expanded_s, facts.end_s + facts.expanded_s
        axes.axvspan(axis.at(low), axis.at(high), color=_END, alpha=0.25, lw=0, zorder=1)
        axes.axvline(axis.at(facts.end_s), color=_END, lw=1.2, ls="-.")


def _words(figure: Figure, axes: Axes, facts: PlotFacts) -> None:
    """Set the verdict above the panels, and the meaning of the marks and the source below."""
    lines = [line for each in facts.title[:4] for line in textwrap.wrap(each, 112)]
    lines += [""] * (2 - len(lines))  # room for the box beside it
    figure.suptitle("\n".join(lines), fontsize=10.5, x=0.012, ha="left")
    if facts.outcome:
        box = {"boxstyle": "square,pad=0.35", "facecolor": "white", "edgecolor": "black"}
        figure.text(0.988, 0.977, facts.outcome, ha="right", va="top", fontweight="bold", bbox=box)
    handles = _handles(facts)
    if handles:
        figure.legend(
            handles=handles,
            loc="outside lower left",
            ncols=min(len(handles), 3),
            fontsize=9,
            frameon=False,
            title=facts.footer,
            title_fontsize=8,
            alignment="left",
        )
    else:
        figure.supxlabel(facts.footer, fontsize=8, x=0.01, ha="left")
    if facts.problems:
        axes.set_title("; ".join(facts.problems), fontsize=9, loc="left", fontweight="bold")


def _handles(facts: PlotFacts) -> list[Any]:
    handles: list[Any] = []  # matplotlib's artists share no useful type
    angle = "" if facts.angle_deg is None else f", closing angle {facts.angle_deg:g}°"
    if facts.starts_s is not None:
        instant = "" if facts.starts_s == 0.0 else f", {_time(facts.starts_s)}"
        text = f"{facts.starts_at}{instant}{angle}"
        handles.append(Line2D([], [], color=_START, lw=1.3, ls=_SHORT, label=text))
    if facts.onset_s is not None and facts.onset_s != facts.starts_s:
        text = f"onset of the current, {_time(facts.onset_s)}"
        handles.append(Line2D([], [], color=_START, lw=1.1, ls=":", label=text))
    if facts.end_s is not None:
        text = f"{facts.ends_at}, {_time(facts.end_s, facts.expanded_s)}"
        handles.append(Line2D([], [], color=_END, lw=1.2, ls="-.", label=text))
    if facts.limit is not None:
        colour = _HOLD if facts.limit.hold else _LIMIT
        handles.append(Patch(color=colour, alpha=_SHADE, lw=0, label=facts.limit.text))
    for band in facts.bands:
        handles.append(Patch(color=_BAND, alpha=_SHADE, lw=0, label=band.text))
        if band.outside:
            handles.append(Patch(color=_OUTSIDE, alpha=0.35, lw=0, label="outside its band"))
    for level in facts.levels:
        handles.append(Line2D([], [], color=_LEVEL, lw=1.0, ls=_DASHES, label=level.text))
    return handles


def _time(t_s: float, expanded_s: float = 0.0) -> str:
    """Write an instant after the trigger, with U where it is known."""
    scale, unit = next(each for each in _TIME_UNITS if max(abs(t_s), 1e-9) * each[0] >= each[2])[:2]
    if not 0.0 < expanded_s < np.inf:
        return f"{t_s * scale:.4g} {unit}"
    digits = max(int(np.ceil(-np.log10(expanded_s * scale))) + 1, 0)
    return f"{t_s * scale:.{digits}f} ± {expanded_s * scale:.{digits}f} {unit}"


def _png(figure: Figure) -> bytes:
    """Write a figure with 96 colours: a third of the size, and no loss that can be seen."""
    canvas: Any = FigureCanvasAgg(figure)  # its methods carry no annotations
    canvas.draw()
    out = io.BytesIO()
    with Image.fromarray(np.asarray(canvas.buffer_rgba())) as image:
        few = image.convert("RGB").quantize(96, method=Image.Quantize.FASTOCTREE)
        few.save(out, "PNG", optimize=True)
    return out.getvalue()
