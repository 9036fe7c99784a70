"""Reports made from a recorded run."""
