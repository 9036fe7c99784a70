"""Reports made from a recorded run: Allure results, plots, a table and one HTML file.

Everything here is a view of the record and can be made again from it.
"""

import rig  # noqa: F401  # before numpy, whose threads it sets
