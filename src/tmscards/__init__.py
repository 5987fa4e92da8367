"""tmscards: Anki decks from timestamped Markdown notes."""

__version__ = "0.1.0"
