"""Documents as evidence."""

from uuid import UUID


def proof_of(document: UUID | None) -> str:
    """What proves a paper: a document keeps the hash of each of its versions and none is ever changed, so its
    id is enough. Empty: there is none."""
    return str(document) if document is not None else ""
