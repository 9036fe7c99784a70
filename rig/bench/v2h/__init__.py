"""Sessions at the CHAdeMO port: the rig's end of the plug on the bench's roles."""

from rig.bench.v2h.session import EvpsSession
from rig.bench.v2h.station import Direction, V2hStation

__all__ = ["Direction", "EvpsSession", "V2hStation"]
