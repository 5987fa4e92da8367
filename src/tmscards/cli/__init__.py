"""The commands, and how they read on a terminal."""
