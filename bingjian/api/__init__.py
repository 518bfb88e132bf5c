"""The HTTP face: translate in, ask one question, translate out."""
