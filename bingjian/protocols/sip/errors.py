"""How a SIP peer errs."""

from typing import TYPE_CHECKING

from bingjian.protocols.errors import PeerError as PeerError

if TYPE_CHECKING:
    from bingjian.protocols.sip.message import Request


class MessageError(PeerError):
    """A message that cannot be understood: answer ``request`` with ``status``, or drop it if none."""

    def __init__(self, sentence: str, status: int = 400, request: "Request | None" = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.request = request  # as far as it could be read; its first Via and its CSeq are readable


class FramingError(MessageError):
    """On a stream also the next message cannot be found: answer ``request`` if there is one, and close."""
