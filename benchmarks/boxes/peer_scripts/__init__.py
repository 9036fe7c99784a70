"""What runs in a peer's environment; each script knows that package, and nothing of the rig."""
