"""Elementary streams and files: bytes in, values out. No I/O, no clock."""
