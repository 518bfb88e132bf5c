"""DeviceControl and DeviceConfig: what a command does, and its answer where there is one."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp import binding, configuration, controls
from bingjian.protocols.gb28181.manscdp.message import Message
from bingjian.simulate.gb28181 import services
from bingjian.simulate.gb28181.channel import Channel

if TYPE_CHECKING:
    from bingjian.simulate.gb28181.device import Device

OK, ERROR = "OK", "ERROR"


def obey(device: "Device", control: controls.DeviceControl) -> Message | None:
    """None: a command that is not answered."""
    control = understood(control, device.spec.edition)
    channels = device.asked(control.device_id)
    result = OK if channels or control.device_id == device.spec.id else ERROR
    one = control.ptz_cmd or control.precise or control.track
    for channel in channels[:1] if one else channels:
        _obey(channel, control)
        if one or control.zoom_in or control.zoom_out:
            device.reports.turned(channel)
    _obey_as_device(device, control)
    if not control.is_answered:
        return None
    return controls.DeviceControlResult(sn=control.sn, device_id=control.device_id, result=result)


def configure(device: "Device", config: configuration.DeviceConfig) -> Message:
    """A picture order is one of the blocks (2022)."""
    device.settings.take(config)
    channels = device.asked(config.device_id)
    if config.snapshot and channels and device.spec.edition >= Edition.V2022:
        device.run(services.snap(device, channels[0], config.snapshot))
    return configuration.DeviceConfigResult(sn=config.sn, device_id=config.device_id, result=OK)


def understood(control: controls.DeviceControl, edition: Edition) -> controls.DeviceControl:
    """Without what a device of this edition has never heard of."""
    empty = controls.DeviceControl(sn=0, device_id="")
    later = [
        name
        for name, bound in binding.bindings(controls.DeviceControl).items()
        if bound.since > edition and not bound.old_name
    ]
    return replace(control, **{name: getattr(empty, name) for name in later})


def _obey_as_device(device: "Device", control: controls.DeviceControl) -> None:
    if control.alarm == "ResetAlarm":
        device.reports.reset()
    if control.format_card is not None:
        device.storage.format(control.format_card, device.clock().timestamp())
    if control.upgrade:
        device.run(services.upgrade(device, control.upgrade))
    if control.tele_boot:
        device.boot()


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
        channel.mount.command(movement, control.preset_name, control.cruise_track_name)
        channel.round.heard(movement)
    if control.precise or control.zoom_in or control.zoom_out or control.track:
        channel.round.stop()
    if control.precise:
        channel.mount.turn_precisely(control.precise)
    if control.track:
        channel.mount.track(control.track, control.track_area)
    for area, closer in ((control.zoom_in, True), (control.zoom_out, False)):
        if area:
            channel.mount.frame(area, closer=closer)
