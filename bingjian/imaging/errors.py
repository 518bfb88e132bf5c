"""What can go wrong in imaging."""


class ImagingError(Exception):
    """No picture could be made of these bytes; carries one plain sentence."""
