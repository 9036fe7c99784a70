"""Draw a judged session: voltage, current and flags over time, with phases and findings.

Imports matplotlib, which is optional and heavy: import this module only when there is to draw.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rig.chademo.check.finding import Severity
from rig.chademo.check.report import SessionReport
from rig.chademo.check.traces import FLAGS

__all__ = ["draw_session"]

_INCHES, _DPI = (11.0, 8.0), 130
# Okabe and Ito's palette: told apart with every common colour vision; line styles tell as well.
_BLUE, _ORANGE, _GREEN, _RED, _GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#777777"
_BANDS = ("#F2F2F2", "#FFFFFF")
_VOLTS: Mapping[str, tuple[str, str, str]] = {
    "output_v": ("output (109.1-2)", _BLUE, "-"),
    "target_v": ("target (102.1-2)", _GREEN, "--"),
    "threshold_v": ("threshold (108.4-5)", _GREY, ":"),
}
_AMPS: Mapping[str, tuple[str, str, str]] = {
    "available_a": ("available (108.3)", _GREY, ":"),
    "request_a": ("request (102.3)", _ORANGE, "--"),
    "discharge_limit_a": ("discharge limit (200.0)", _GREEN, "-."),
    "current_a": ("current, positive into the vehicle", _BLUE, "-"),
}
_LANE = 0.6
_SHORT_PHASE = 0.012
"""Share of the session below which a phase's name is left out."""
_ROOM = 0.036
"""What a slanted name takes up, as a share of the session."""


def draw_session(session: SessionReport, path: Path, *, title: str) -> None:
    """Write a PNG of one session."""
    figure = Figure(figsize=_INCHES, dpi=_DPI, layout="constrained")
    volts, amps, flags = figure.subplots(3, 1, sharex=True, height_ratios=[3, 3, 2.4])
    for axes in (volts, amps, flags):
        _bands(axes, session)
        _marks(axes, session)
        axes.grid(axis="y", color="#DDDDDD", linewidth=0.6)
        axes.set_axisbelow(True)
    _curves(volts, session, _VOLTS, "voltage / V")
    _curves(amps, session, _AMPS, "current / A")
    _lanes(flags, session)
    _names(volts, session)
    flags.set_xlabel("time from the first frame / s      (dotted orange: note, red: error)")
    flags.set_xlim(0.0, max(session.end_s - session.start_s, 0.1))
    figure.suptitle(f"{title}\n{_subtitle(session)}", fontsize=10)
    figure.savefig(path, format="png")


def _subtitle(session: SessionReport) -> str:
    names = [each.name for each in (session.vehicle, session.charger) if each is not None]
    errors = len(session.of(Severity.ERROR))
    notes = len(session.of(Severity.NOTE))
    return (
        f"{' and '.join(names)}, CHAdeMO {session.version}: {session.verdict}"
        f" ({errors} errors, {notes} notes)"
    )


def _curves(
    axes: Axes, session: SessionReport, curves: Mapping[str, tuple[str, str, str]], label: str
) -> None:
    for name, (text, colour, style) in curves.items():
        times, values = _steps(session, name)
        if any(values):
            axes.step(times, values, style, where="post", color=colour, label=text, linewidth=1.3)
    axes.set_ylabel(label)
    axes.margins(y=0.12)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8, frameon=False)


def _steps(session: SessionReport, name: str) -> tuple[list[float], list[float]]:
    points = session.traces[name]
    times = [t_s - session.start_s for t_s, _ in points]
    values = [value for _, value in points]
    if points:
        times.append(session.end_s - session.start_s)
        values.append(values[-1])
    return times, values


def _lanes(axes: Axes, session: SessionReport) -> None:
    names = list(FLAGS)[::-1]
    for lane, name in enumerate(names):
        times, values = _steps(session, name)
        levels = [lane + _LANE * value for value in values]
        axes.step(times, levels, where="post", color=_BLUE, linewidth=1.1)
        axes.fill_between(times, lane, levels, step="post", color=_BLUE, alpha=0.25, linewidth=0)
    axes.set_yticks([lane + _LANE / 2 for lane in range(len(names))], names)
    axes.tick_params(axis="y", labelsize=8, length=0)
    axes.set_ylim(-0.2, len(FLAGS))


def _bands(axes: Axes, session: SessionReport) -> None:
    for number, phase in enumerate(session.phases):
        start_s, end_s = phase.start_s - session.start_s, phase.end_s - session.start_s
        axes.axvspan(start_s, end_s, color=_BANDS[number % 2], linewidth=0, zorder=-2)


def _names(axes: Axes, session: SessionReport) -> None:
    """Write the phases' names above, slanted, each a little beside the one before."""
    length_s = max(session.end_s - session.start_s, 0.1)
    free_s = 0.0
    for phase in session.phases:
        start_s = phase.start_s - session.start_s
        if phase.duration_s < _SHORT_PHASE * length_s and start_s < free_s:
            continue
        at_s = max(start_s, free_s)
        free_s = at_s + _ROOM * length_s
        axes.annotate(
            phase.name,
            (at_s, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 3),
            textcoords="offset points",
            rotation=35,
            fontsize=8,
        )


def _marks(axes: Axes, session: SessionReport) -> None:
    for finding in session.findings:
        error = finding.severity is Severity.ERROR
        axes.axvline(
            finding.t_s - session.start_s,
            color=_RED if error else _ORANGE,
            linestyle="-" if error else ":",
            linewidth=1.4 if error else 0.9,
            alpha=0.9,
            zorder=-1,
        )
