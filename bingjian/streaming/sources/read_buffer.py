"""One buffer for what all connections of a thread read: each read is used up before the next begins."""

import threading

READ_BUFFER = 256 * 1024  # bytes taken from a connection at once


class _Buffers(threading.local):
    def __init__(self) -> None:
        self.view = memoryview(bytearray(READ_BUFFER))


_buffers = _Buffers()


def shared() -> memoryview:
    """This thread's."""
    return _buffers.view
