"""Turning passages into sentence results: what each sentence is worth, and what could be asked about it."""
