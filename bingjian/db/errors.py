"""What can go wrong with the database."""


class DatabaseError(Exception):
    """Base of this part's errors; carries one plain sentence."""


class DatabaseUnavailable(DatabaseError):
    """Not reachable, not readable, or of a newer version than this program."""


class DatabaseBusy(DatabaseError):
    """Another writer held it for too long."""
