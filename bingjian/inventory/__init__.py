"""Cameras: models, service, errors."""
