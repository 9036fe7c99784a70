"""A judged log as text, as data and as a plot."""

from rig.chademo.views.data import as_data
from rig.chademo.views.text import as_text

__all__ = ["as_data", "as_text"]
