"""Whom a client of ours believes when it speaks to another process."""

import ssl
from functools import cache


@cache
def trusted() -> ssl.SSLContext:
    """Which certificates count between machines; read once, for it takes longer than a question."""
    return ssl.create_default_context()
