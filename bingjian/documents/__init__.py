"""Papers: versioned, hashed, kept for good (art. 17)."""
