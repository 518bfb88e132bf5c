"""RTSP 1.0 (RFC 2326) without sockets: ``message`` is the wire format, ``client`` the conversation."""
