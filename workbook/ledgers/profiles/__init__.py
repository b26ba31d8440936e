"""One module per accounting system; the registry lists them."""
