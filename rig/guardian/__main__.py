"""Run the guardian from its folder, with the standard library and its own modules only."""

from __future__ import annotations

import os
import sys

# Behind the standard library, so that nothing beside the rig can take the place of a part of it.
sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))  # noqa: PTH100, PTH120  # pathlib would double the time to start

from rig.guardian.watch import main

if __name__ == "__main__":
    sys.exit(main())
