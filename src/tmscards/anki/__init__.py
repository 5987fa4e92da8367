"""Turns records into what Anki reads (fields, cards, a package), and into a page that shows the same cards."""
