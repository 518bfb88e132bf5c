"""What can go wrong in the inventory, one class each."""


class InventoryError(Exception):
    """Base of this part's errors; carries one plain sentence."""


class NoSuchCamera(InventoryError):
    """No camera with this id."""


class NameTaken(InventoryError):
    """Another camera has this name."""


class AddressNotAccepted(InventoryError):
    """The URL cannot be a camera's address; says why, without its credentials."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class WorkerAway(InventoryError):
    """The media worker that has the camera does not answer."""


class NothingThere(InventoryError):
    """No footage at that instant; carries the cause if it is known."""

    def __init__(self, cause: str | None) -> None:
        super().__init__("there is no footage at that time")
        self.cause = cause
