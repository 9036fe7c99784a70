"""The virtual bench: simulated boxes behind real protocols, one circuit, one simulated unit."""
