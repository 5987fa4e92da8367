"""The order of the stages, and what makes a second build quick."""
