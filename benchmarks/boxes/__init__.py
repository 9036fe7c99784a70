"""What the benchmark of the boxes is made of: servers to ask, pairs to compare, peers."""
