"""Records become what Anki reads: fields, cards, a package, and pages that look like them."""
