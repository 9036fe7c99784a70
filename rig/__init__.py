"""Orchestration: benches, the unit under test, measuring, recording, the virtual bench."""
