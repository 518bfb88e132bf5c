"""What everybody owes, as far as it follows from what is registered: one source a subject."""
