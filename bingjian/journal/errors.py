"""What can go wrong in the journal."""


class JournalError(Exception):
    """Base of this part's errors; carries one plain sentence."""


class JournalUnavailable(JournalError):
    """The entry could not be made durable. Nothing may be served for it."""


class JournalBroken(JournalError):
    """It is not what was written or signed: an entry was changed, dropped, inserted or swapped."""


class NotInJournal(JournalError):
    """There is no such entry, or the log was never of that size."""
