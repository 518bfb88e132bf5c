"""What can go wrong in procedures, one class each."""


class ProcedureError(Exception):
    """Base of this part's errors; carries one plain sentence."""


class RefersToNothing(ProcedureError):
    """A field names something that is not there (or not for this person)."""

    def __init__(self, field: str, to: str) -> None:
        super().__init__(f"{field} refers to no {to} that is there")
        self.field = field


class AlreadyOpen(ProcedureError):
    """There is one already, and there is to be one only."""
