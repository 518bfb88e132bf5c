"""How an RTSP conversation fails, told apart so that the camera's state can name it."""

from bingjian.protocols.errors import PeerError as PeerError


class Refused(PeerError):
    """An answer of 4xx or 5xx."""

    def __init__(self, method: str, status: int, reason: str) -> None:
        super().__init__(f"the camera refuses {method} with {status} {reason}".rstrip())
        self.status = status


class Unauthorised(PeerError):
    """Credentials are wrong, or asked for and not there."""


class TransportRefused(PeerError):
    """The camera does not send over the transport we asked for: try the other."""


class NoVideo(PeerError):
    """The description offers no video."""


class CodecNotAccepted(PeerError):
    """The description offers video, but none that we store."""
