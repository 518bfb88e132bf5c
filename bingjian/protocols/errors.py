"""The one fault that leaves ``bingjian.protocols``."""


class PeerError(Exception):
    """The other side broke the protocol: close, and note it in the camera's state.

    Carries one plain sentence without credentials.
    """
