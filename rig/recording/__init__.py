"""What happened on a bench, kept so that a crash loses nothing and a report can be made again."""

from rig.recording.conversation import conversation
from rig.recording.reader import Record, RecordedEvent, RecordedExchange
from rig.recording.recorder import Listener, Recorder, RecordLost, WaveformRef
from rig.recording.sink import RecordSink

__all__ = [
    "Listener",
    "Record",
    "RecordLost",
    "RecordSink",
    "RecordedEvent",
    "RecordedExchange",
    "Recorder",
    "WaveformRef",
    "conversation",
]
