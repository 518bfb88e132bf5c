"""What can go wrong in the journal."""


class JournalError(Exception):
    """Base of this part's errors; carries one plain sentence."""


class JournalUnavailable(JournalError):
    """The entry could not be made durable. Nothing may be served for it."""


class JournalBroken(JournalError):
    """The chain does not hold: an entry was changed, dropped, inserted or swapped."""
