"""Which tests come first, which a healthy unit meets, and what outcomes add up to."""

import pytest

from rig.qualify.job import Broken, Job, JobResult, Outcome, PlanTest
from rig.qualify.order import share_of, telling_first
from rig.qualify.page import html_page
from rig.qualify.result import DefectResult, HealthyResult, Qualification, Standing
from rig.qualify.text import Progress, matrix_lines
from rig.virtual.unit import Defect

PLAN = tuple(
    PlanTest(n, f"{function}[{variant}]", function, (requirement,))
    for n, (function, variant, requirement) in enumerate(
        [
            ("test_out", "a", "R-OUT-01"),
            ("test_late", "a", "R-OVL-05"),
            ("test_late", "b", "R-OVL-05"),
            ("test_early", "a", "R-OVL-05"),
            ("test_kin", "a", "R-OVL-04"),
            ("test_kin", "b", "R-OVL-04"),
        ]
    )
)
DEFECT = Defect("late", "R-OVL-05", "too late & <slow>")


def outcome(test, name="passed", failed=(), inconclusive=()):
    return Outcome(test, name, failed, inconclusive)


def result(*outcomes, broken=(), stop_at="R-OVL-05"):
    return JobResult(Job("defect late", {}, PLAN, stop_at), list(outcomes), list(broken))


def test_one_variant_of_each_own_test_comes_before_the_second_of_any():
    ids = [test.id for test in telling_first(PLAN, "R-OVL-05")]
    assert ids == [
        "test_late[a]", "test_early[a]", "test_late[b]", "test_kin[a]", "test_kin[b]",
        "test_out[a]",
    ]  # fmt: skip


@pytest.mark.parametrize("shares", [1, 2, 4, 7])
@pytest.mark.parametrize("first", [0, 5])
def test_successive_units_share_the_plan_without_gap_or_overlap(shares, first):
    met = [test for unit in range(first, first + shares) for test in share_of(PLAN, unit, shares)]
    assert sorted(test.index for test in met) == [test.index for test in PLAN]


@pytest.mark.parametrize(
    ("found", "standing"),
    [
        (result(outcome(PLAN[1], "failed", ("R-OVL-05",))), Standing.CAUGHT),
        (result(outcome(PLAN[4], "failed", ("R-OVL-04",))), Standing.ELSEWHERE),
        (result(outcome(PLAN[1]), outcome(PLAN[4])), Standing.MISSED),
        (result(outcome(PLAN[1], "inconclusive", (), ("R-OVL-05",))), Standing.MISSED),
        (result(broken=[Broken(PLAN[1], "no answer")]), Standing.BROKEN),
        (result(outcome(PLAN[1]), broken=[Broken(PLAN[4], "no answer")]), Standing.MISSED),
        (result(outcome(PLAN[1], "skipped"), outcome(PLAN[4])), Standing.NOT_TESTED),
        (result(outcome(PLAN[4])), Standing.NOT_TESTED),
        (result(), Standing.NOT_TESTED),
    ],
)
def test_only_a_failed_verdict_on_its_own_requirement_catches_a_defect(found, standing):
    each = DefectResult(DEFECT, found)
    assert each.standing is standing
    assert Qualification([each]).held is (standing is Standing.CAUGHT)
    page = html_page(Qualification([each]), "Matrix")
    assert standing.value in page
    assert "too late &amp; &lt;slow&gt;" in page


def test_a_job_goes_on_with_what_it_has_not_met_until_it_is_caught():
    assert result(outcome(PLAN[0]), broken=[Broken(PLAN[1], "")]).remaining() == PLAN[2:]
    assert result(outcome(PLAN[1], "failed", ("R-OVL-05",))).remaining() == ()
    healthy = result(outcome(PLAN[1], "failed", ("R-OVL-05",)), stop_at=None)
    assert len(healthy.remaining()) == len(PLAN) - 1


def test_a_healthy_unit_may_stay_open_but_neither_fail_nor_break_the_rig():
    open_ = result(outcome(PLAN[0], "inconclusive", (), ("R-OUT-01",)), stop_at=None)
    failed = result(outcome(PLAN[1], "failed", ("R-OVL-05",)), stop_at=None)
    broken = result(broken=[Broken(PLAN[2], "no answer")], stop_at=None)
    assert Qualification(healthy=[HealthyResult(3, open_)]).held
    for each in (failed, broken):
        assert not Qualification(healthy=[HealthyResult(4, each)]).held
    units = [HealthyResult(3, open_), HealthyResult(4, failed), HealthyResult(5, broken)]
    lines = "\n".join(matrix_lines(Qualification(healthy=units)))
    assert "FAIL, unit 4: R-OVL-05 test_late[a]" in lines
    assert "INCONCLUSIVE, unit 3: R-OUT-01 test_out[a]" in lines
    assert "BROKEN, unit 5: test_late[b]: no answer" in lines


def test_progress_tells_how_long_the_rest_takes():
    said, now = [], [0.0]
    progress = Progress(4, lambda: now[0], said.append)
    now[0] = 30.0
    progress.defect(DefectResult(DEFECT, result(outcome(PLAN[0]))))
    assert said[0].startswith("[  1/4, 1:30 left] NOT TESTED late ")
