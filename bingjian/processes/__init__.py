"""Thin shells that run as processes: web, media, imaging, supervisor."""
