"""The six modules of art. 3, each with its probe: what the platform says of its own health (R3.1)."""

from bingjian.api.platform import Platform


async def healthy(platform: Platform) -> dict[str, bool]:
    """By code of ``system_module``, what its probe finds now.

    Devices of GB/T 28181 come and turn through the signal process; where it is off, nothing hangs on it.
    """
    receives = platform.workers.all_up()
    signals = not platform.gb.is_on or await platform.gb.state() is not None
    return {
        "capture": receives,
        "transmit": receives and signals,
        "control": platform.parts.control.is_alive and signals,
        "display": receives and platform.web_root is not None,
        "store": any(volume["state"] == "writable" for volume in platform.workers.volumes()),
        "manage": platform.journal.writable,
    }
