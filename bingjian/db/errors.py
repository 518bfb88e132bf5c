"""What can go wrong with the database."""


class DatabaseError(Exception):
    """Base of this part's errors; carries one plain sentence."""


class DatabaseUnavailable(DatabaseError):
    """Not reachable, not readable, or of a newer version than this program."""


class DatabaseBusy(DatabaseError):
    """Another writer held it for too long."""


class DatabaseRefuses(DatabaseUnavailable):
    """It is there, and takes no such value: a fault of ours, which asking again does not mend."""
