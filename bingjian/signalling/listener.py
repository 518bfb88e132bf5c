"""Who hears what devices do. Everything here is called on the event loop and must not take long."""

from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.registrar_events import Gone, Kept, Refused, Registered
from bingjian.protocols.sip.reply import Peer
from bingjian.protocols.sip.subscription_events import SubscriptionEvent


class Listener:
    """Does nothing with any of it; override what matters. Called after the tables know."""

    def on_unknown(self, device: str, request: Request, peer: Peer) -> None:
        """Somebody registers whom nobody told us of, and is challenged like everybody."""

    def on_registered(self, outcome: Registered, request: Request) -> None:
        """``outcome.fresh``: its subscriptions of before have been abandoned, and its calls, unless it is
        the ``first`` registration since we started.
        """

    def on_restored(self, device: str) -> None:
        """It was registered before our own restart, and is silent until it is heard again."""

    def on_removed(self, device: str) -> None:
        """It signed off."""

    def on_refused(self, outcome: Refused, request: Request, peer: Peer) -> None:
        pass

    def on_replayed(self, device: str, peer: Peer) -> None:
        """An answer to a challenge of ours came a second time (R31.4)."""

    def on_kept(self, device: str, kept: Kept, peer: Peer) -> None:
        """A keep-alive that changed something, or was not believed."""

    def on_interval(self, device: str) -> None:
        """How often it keeps alive was learnt, is another, or is not known any more."""

    def on_alive(self, device: str) -> None:
        """Every keep-alive that was believed."""

    def on_gone(self, device: str, gone: Gone) -> None:
        """Offline: silent, expired, its connection lost."""

    def on_dismissed(self, device: str) -> None:
        """It is listed no longer."""

    def on_message(self, device: str, request: Request, peer: Peer) -> None:
        """A MESSAGE, other than a keep-alive, of a registered device; 200 has been sent."""

    def on_subscription(self, event: SubscriptionEvent) -> None:
        pass


class Tap:
    """Who sees the messages themselves, as bytes: the log of a device's signalling."""

    def heard(self, resident: str, peer: Peer, data: bytes) -> None:
        """``resident``: who registered from there; empty if nobody did."""

    def sent(self, resident: str, peer: Peer, data: bytes) -> None:
        pass

    def kept_alive(self, device: str, peer: Peer) -> None:
        """A keep-alive and its answer, which are not shown one by one."""
