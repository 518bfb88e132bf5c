"""Why a device could not be asked or told something; each carries one plain sentence."""


class Problem(Exception):
    """``code``: for programs, never renamed."""

    code = "failed"


class NotRegistered(Problem):
    code = "not_registered"

    def __init__(self) -> None:
        super().__init__("this device is not registered")


class Offline(Problem):
    code = "offline"

    def __init__(self) -> None:
        super().__init__("this device is registered, but offline")


class NoAnswer(Problem):
    code = "no_answer"

    def __init__(self) -> None:
        super().__init__("the device did not answer in time")


class NoResult(NoAnswer):
    """It took what it was told, and never said what came of it."""


class DeviceError(Problem):
    """It answered that it will or can not."""

    code = "device_error"


class NotSupported(Problem):
    code = "not_supported"

    def __init__(self) -> None:
        super().__init__("devices of this edition do not know this")


class BadWish(Problem):
    """The caller asks for what cannot be."""

    code = "bad_command"


class Busy(Problem):
    code = "busy"

    def __init__(self) -> None:
        super().__init__("too much is being asked already; try again")
