"""What can go wrong in controlling a camera, one class each."""

from bingjian.access.errors import AccessError


class ControlError(AccessError):
    """Base of this part's errors."""


class NotTurnable(ControlError):
    """The camera has no motors that the platform could reach."""


class ControlHeld(ControlError):
    """Somebody whose role does not give way has it; says who, and until when at least."""


class ControlOver(ControlError):
    """This lease has ended, or there never was one."""


class TakenOver(ControlOver):
    """Somebody with precedence has it now; says who."""
