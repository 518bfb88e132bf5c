"""Wire protocols as values: bytes in, frozen events out. No socket, no clock."""
