"""The same trial with other tools, each in an environment of its own."""
