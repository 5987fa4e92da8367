"""Turns sentence results and the records of the last build into the records of this build."""
