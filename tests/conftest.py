"""What every test of the rig starts from."""

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
if sys.platform != "win32":
    # A shell that runs us in the background hands down ignored signals, and tests send them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
