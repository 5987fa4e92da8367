"""The page on which a deck is reviewed in the browser."""
