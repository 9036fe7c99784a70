"""CAN logs of the usual makes, as streams of frames."""

from rig.chademo.logs.frame import LoggedFrame
from rig.chademo.logs.reader import LogReader

__all__ = ["LogReader", "LoggedFrame"]
