"""Which source an address is for: by its scheme."""

from collections.abc import Callable

from bingjian.clock import Clock
from bingjian.protocols.gb28181.address import is_channel
from bingjian.recording.cause import Cause
from bingjian.streaming.sources import rtsp
from bingjian.streaming.sources.base import Sink, SourceAddress, SourceError
from bingjian.streaming.sources.gb28181 import Channels


class Sources:
    """Of one media worker."""

    def __init__(self, channels: Channels | None) -> None:
        """``channels``: None where no signalling process is."""
        self.channels = channels

    async def receive(
        self,
        address: SourceAddress,
        sink: Sink,
        clock: Clock,
        *,
        on_connected: Callable[[str], None] | None = None,
    ) -> None:
        """Run one session. Raises SourceError always."""
        if not is_channel(address.url):
            await rtsp.receive(address, sink, clock, on_connected=on_connected)
        elif self.channels is not None:
            await self.channels.receive(address, sink, clock, on_connected=on_connected)
        else:
            raise SourceError(Cause.UNREACHABLE, "GB/T 28181 is switched off on this platform")
