"""DeviceControl and DeviceConfig: what a command does, and its answer where there is one."""

from typing import TYPE_CHECKING

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181.manscdp import configuration, controls
from bingjian.protocols.gb28181.manscdp.message import Message
from bingjian.simulate.gb28181.channel import Channel

if TYPE_CHECKING:
    from bingjian.simulate.gb28181.device import Device

OK, ERROR = "OK", "ERROR"


def obey(device: "Device", control: controls.DeviceControl) -> Message | None:
    """None: a command that is not answered."""
    channels = device.asked(control.device_id)
    result = OK if channels or control.device_id == device.spec.id else ERROR
    for channel in channels[:1] if control.ptz_cmd or control.precise else channels:
        _obey(channel, control)
        if control.ptz_cmd or control.precise or control.zoom_in or control.zoom_out:
            device.reports.turned(channel)
    if control.alarm == "ResetAlarm":
        device.reports.reset()
    if control.tele_boot:
        device.boot()
    if not control.is_answered:
        return None
    return controls.DeviceControlResult(sn=control.sn, device_id=control.device_id, result=result)


def configure(device: "Device", config: configuration.DeviceConfig) -> Message:
    if config.basic and config.basic.name:
        device.basic_name = config.basic.name
    return configuration.DeviceConfigResult(sn=config.sn, device_id=config.device_id, result=OK)


def _obey(channel: Channel, control: controls.DeviceControl) -> None:
    if control.record:
        channel.recording = control.record == "Record"
    if control.guard:
        channel.guarded = control.guard == "SetGuard"
    if control.home_position:
        channel.mount.home = control.home_position
    if control.key_frame:
        channel.key_frame()
    if channel.turns:
        _turn(channel, control)


def _turn(channel: Channel, control: controls.DeviceControl) -> None:
    try:
        movement = control.movement
    except PeerError:
        return  # a device does not answer a command that it cannot read
    if movement:
        channel.mount.command(movement, control.preset_name)
    if control.precise:
        channel.mount.turn_precisely(control.precise)
    for area, closer in ((control.zoom_in, True), (control.zoom_out, False)):
        if area:
            channel.mount.frame(area, closer=closer)
