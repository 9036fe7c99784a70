import math

import pytest

from instruments.errors import UsageError
from instruments.ratings import check_range


@pytest.mark.parametrize("value", [0.0, 1.0, 2.5])
def test_a_value_within_its_limits_passes(value):
    check_range("current_a", value, 0.0, 2.5, "A")


@pytest.mark.parametrize("value", [-0.1, 2.6, math.nan, math.inf, -math.inf])
def test_a_value_beyond_them_is_named_with_its_limits(value):
    with pytest.raises(UsageError, match=r"current_a must be 0 to 2.5 A, got"):
        check_range("current_a", value, 0.0, 2.5, "A")


def test_a_limit_may_be_infinite_and_a_value_never():
    check_range("timeout_s", 1e300, 0.1, math.inf, "s")
    with pytest.raises(UsageError):
        check_range("timeout_s", math.inf, 0.1, math.inf, "s")
