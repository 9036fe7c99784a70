"""Orchestration: benches, the unit under test, measuring, recording, the virtual bench."""

import os

# Arrays of a plan are small: a pool of BLAS threads only spins beside the plan, and what it adds up
# would hang on the number of cores. The library reads this once, when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
