"""The simulated boxes: one front panel and wire grammar each, over a port of the circuit."""
