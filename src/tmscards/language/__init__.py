"""Passages become sentence results: what each sentence is worth, and what could be asked of it."""
