"""Run tmscards by `python -m tmscards`."""

from tmscards.cli.commands import run

run()
