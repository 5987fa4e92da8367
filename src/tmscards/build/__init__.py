"""Building a deck: the stages in their order, and what makes a second build quick."""
