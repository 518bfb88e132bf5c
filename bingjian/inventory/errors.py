"""What can go wrong in the inventory, one class each."""

from datetime import datetime


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


class NotThere(InventoryError):
    """Nothing with this id that the person may know of: what lies outside their areas does not exist."""


class Stale(InventoryError):
    """Somebody else changed it in the meantime; carries who and when, so that nothing is lost unseen."""

    def __init__(self, version: int, by: str, at: datetime, fields: tuple[str, ...]) -> None:
        super().__init__(f"{by} changed this at {at:%Y-%m-%d %H:%M} UTC; read it again, then change it")
        self.version = version
        self.by = by
        self.at = at
        self.fields = fields


class DeviceCodeTaken(InventoryError):
    """Another camera file has this device code."""


class CodesUsedUp(InventoryError):
    """No serial is left under this division, industry, type and network."""


class FieldsNotAccepted(InventoryError):
    """Values of a camera file that are none; by field a sentence that repeats no value."""

    def __init__(self, faults: dict[str, str]) -> None:
        super().__init__("some fields were not accepted")
        self.faults = faults


class SelectionChanged(InventoryError):
    """What a filter selects is no longer what was previewed."""


class TooManyViews(InventoryError):
    """A person has as many saved views as one may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"you have {most} saved views; remove one first")


class SheetNotReadable(InventoryError):
    """A spreadsheet that cannot be taken in; says what and where, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


class ImportNotReady(InventoryError):
    """This step does not follow on the state that the import is in."""


class ImportNeedsSystem(InventoryError):
    """Rows name no reference system, and nobody has said which one is meant."""


class ImportOvertaken(InventoryError):
    """Since the rows were judged, the inventory has changed so that they no longer fit: judge them again."""


class ImportHasFaults(InventoryError):
    """Rows have faults, and nobody said that they are to be left out."""

    def __init__(self, rows: int) -> None:
        super().__init__(f"{rows} rows have faults: correct them, or say that they are to be left out")


class BoundaryNotAccepted(InventoryError):
    """A boundary of a division that cannot be one; says why, without its coordinates."""


class PlaceNotAccepted(InventoryError):
    """A place or part with something that no such thing has; says what, without its values."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class MaskNotAccepted(InventoryError):
    """A polygon that could not hide anything; says why."""


class RenditionsFull(InventoryError):
    """As many masked pictures are being made as this machine may make; says how many."""


class RenditionsAway(InventoryError):
    """The process that makes masked pictures does not answer."""


class TooManyMasks(InventoryError):
    """The camera has as many masks as a picture bears."""


class GbDeviceOther(InventoryError):
    """The device is not in the state that this wants: it waits, is accepted, or refused."""


class ChannelTaken(InventoryError):
    """The channel has another camera, or the camera another channel. Which is not said: it may lie where the
    person may know of nothing."""


class CodesDiffer(InventoryError):
    """The camera file has another device code than the channel, and nobody said that this is meant."""


class SourceIsChannel(InventoryError):
    """The camera is matched with a channel: that is its address, whatever somebody types."""


class SignalOff(InventoryError):
    """GB/T 28181 is not set up on this platform."""


class SignalAway(InventoryError):
    """The process that speaks with GB/T 28181 devices does not answer."""


class GbDeviceOffline(InventoryError):
    """The device is not registered at the moment."""


class GbDeviceSilent(InventoryError):
    """The device did not answer in time."""


class GbDeviceRefuses(InventoryError):
    """The device said no; carries what it said."""


class NoDeviceStorage(InventoryError):
    """The camera is no channel of a device whose own storage could be asked."""
