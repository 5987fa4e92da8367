"""Owns `python -m tmscards`."""

from tmscards.cli import run

run()
