"""Segments, index, volumes: where an access unit becomes durable bytes."""
