"""The back end's fixtures, for this folder."""

from tests.backend import (  # noqa: F401  # pytest finds fixtures by name
    cameras,
    clock,
    database,
    empty_url,
    endings,
    hasher,
    journal,
    people,
    postgres,
    sessions,
)
