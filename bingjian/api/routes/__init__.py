"""One module per part."""
