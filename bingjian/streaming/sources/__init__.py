"""Thin I/O shells around the protocols: one per way a camera speaks."""
