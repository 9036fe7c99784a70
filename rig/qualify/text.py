"""The matrix as text: progress while it runs, and the tables at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from rig.qualify.result import DefectResult, HealthyResult, Qualification, Standing

__all__ = ["Progress", "matrix_lines"]

_MARKS = {
    Standing.CAUGHT: "ok",
    Standing.ELSEWHERE: "ELSEWHERE",
    Standing.MISSED: "MISSED",
    Standing.BROKEN: "BROKEN",
    Standing.NOT_TESTED: "NOT TESTED",
}


class Progress:
    """Say what came of each job, how many are done, and about how long the rest takes."""

    def __init__(self, total: int, now_s: Callable[[], float], say: Callable[[str], None]) -> None:
        self._total, self._now_s, self._say = total, now_s, say
        self._began_s, self._done = now_s(), 0

    def defect(self, each: DefectResult) -> None:
        """Note the end of a defect."""
        self._line(f"{_MARKS[each.standing]:<10} {each.defect.id:<34} {_caught(each)}")

    def healthy(self, each: HealthyResult) -> None:
        """Note the end of a healthy unit."""
        sound = not each.failed and not each.result.broken
        text = f"{'ok' if sound else 'FALSE ALARM':<10} healthy unit {each.unit_seed:<21}"
        self._line(f"{text} {_counts(each)}")
        for line in (*each.failed, *(f"{b.test.id}: {b.message}" for b in each.result.broken)):
            self._say(f"    {line}")

    def _line(self, text: str) -> None:
        self._done += 1
        passed_s = self._now_s() - self._began_s
        left_s = passed_s / self._done * (self._total - self._done)
        self._say(f"[{self._done:>3}/{self._total}, {_duration(left_s)} left] {text}")


def matrix_lines(found: Qualification) -> list[str]:
    """Return the tables: by requirement, what was not caught, false alarms."""
    return [*_by_requirement(found), *_shortfalls(found), *_healthy(found)]


def _by_requirement(found: Qualification) -> list[str]:
    if not found.defects:
        return []
    counts: dict[str, Counter[Standing]] = {}
    for each in found.defects:
        counts.setdefault(each.defect.requirement, Counter())[each.standing] += 1
    header = f"{'requirement':<12}" + "".join(f"{each.value:>18}" for each in Standing)
    rows = [
        f"{name:<12}" + "".join(f"{count[each] or '':>18}" for each in Standing)
        for name, count in sorted(counts.items())
    ]
    total = Counter(each.standing for each in found.defects)
    sums = f"{'all':<12}" + "".join(f"{total[each] or '':>18}" for each in Standing)
    return ["", header, *rows, sums]


def _shortfalls(found: Qualification) -> list[str]:
    lines: list[str] = []
    for each in found.defects:
        if each.standing is Standing.CAUGHT:
            continue
        lines.append(f"{each.standing}: {each.defect.id} ({each.defect.requirement})")
        lines.append(f"    {each.defect.text}; {_caught(each)}")
        lines.extend(f"    broken: {b.test.id}: {b.message}" for b in each.result.broken)
    return ["", *lines] if lines else []


def _healthy(found: Qualification) -> list[str]:
    if not found.healthy:
        return []
    tests = sum(len(each.result.outcomes) + len(each.result.broken) for each in found.healthy)
    failed = [(each, line) for each in found.healthy for line in each.failed]
    open_ = [(each, line) for each in found.healthy for line in each.inconclusive]
    broken = [(each, b) for each in found.healthy for b in each.result.broken]
    return [
        "",
        f"{len(found.healthy)} healthy units, {tests} tests: {len(failed)} failed verdicts,"
        f" {len(open_)} inconclusive, {len(broken)} broken",
        *(f"    FAIL, unit {each.unit_seed}: {line}" for each, line in failed),
        *(f"    INCONCLUSIVE, unit {each.unit_seed}: {line}" for each, line in open_),
        *(f"    BROKEN, unit {e.unit_seed}: {b.test.id}: {b.message}" for e, b in broken),
    ]


def _caught(each: DefectResult) -> str:
    tests = f"{len(each.result.outcomes)} tests, {each.result.seconds:.1f} s"
    return f"failed: {', '.join(each.caught_by) or 'none'} ({tests})"


def _counts(each: HealthyResult) -> str:
    counts = Counter(outcome.outcome for outcome in each.result.outcomes)
    if each.result.broken:
        counts["broken"] = len(each.result.broken)
    return ", ".join(f"{n} {name}" for name, n in counts.items())


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
