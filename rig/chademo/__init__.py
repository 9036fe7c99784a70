"""CHAdeMO: frames, logs, and the conformance of a captured or live session."""
