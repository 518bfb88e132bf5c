"""The HTTP face: OpenAPI under /api/v1."""
