"""The calls there are, found by dialog, by Call-ID, by who takes part; each in the time of one look."""

from dataclasses import dataclass
from enum import Enum

from bingjian.protocols.sip.dialog import Dialog, DialogKey, key_of, same_origin
from bingjian.protocols.sip.digest import Account
from bingjian.protocols.sip.events import ClientKey, ServerKey
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.reply import Peer


class State(Enum):
    INVITING = "inviting"
    CANCELLING = "cancelling"
    ACCEPTED = "accepted"
    OFFERED = "offered"
    UNCONFIRMED = "unconfirmed"
    ESTABLISHED = "established"
    ENDING = "ending"
    OWED = "owed"  # ended; the BYE waits for the peer to be heard


LASTING = frozenset({State.ACCEPTED, State.UNCONFIRMED, State.ESTABLISHED})


@dataclass(slots=True)
class Call:
    device: str  # who the peer is registered as; "" while OFFERED
    remote: str  # the id in the dialog: the device, or a channel of it
    state: State
    dialog: Dialog | None = None  # None: OFFERED
    invite: ClientKey | None = None  # ours
    offer: Request | None = None  # the peer's, and where it came from
    offer_key: ServerKey = ""
    peer: Peer | None = None
    told: bool = False  # that it has ended
    byes: int = 0  # said so far
    home: Peer | None = None  # where the call began, if the peer has been heard from elsewhere since
    is_last: bool = False  # elsewhere nobody knew the call: the BYE goes there, or to whoever comes, once
    account: Account | None = None  # to answer a challenge with, once


class CallTable:
    def __init__(self) -> None:
        self._calls: dict[DialogKey, Call] = {}
        self._by_call_id: dict[str, set[DialogKey]] = {}
        self._by_party: dict[str, set[DialogKey]] = {}  # devices and channels
        self._by_offer: dict[ServerKey, DialogKey] = {}
        self._owed: dict[str, set[DialogKey]] = {}  # by device

    def __len__(self) -> int:
        return len(self._calls)

    def get(self, key: DialogKey | None) -> Call | None:
        return self._calls.get(key) if key else None

    def add(self, key: DialogKey, call: Call) -> None:
        self._calls[key] = call
        _put(self._by_call_id, key.call_id, key)
        for party in {call.device, call.remote}:
            _put(self._by_party, party, key)
        if call.offer_key:
            self._by_offer[call.offer_key] = key

    def remove(self, key: DialogKey) -> Call:
        self.settle(key)
        call = self._calls.pop(key)
        _take(self._by_call_id, key.call_id, key)
        for party in {call.device, call.remote}:
            _take(self._by_party, party, key)
        self._by_offer.pop(call.offer_key, None)
        return call

    def relocate(self, device: str, peer: Peer) -> None:
        """Its dialogs go on there; where each began stays known."""
        for key in self.of_device(device):
            call = self._calls[key]
            if call.dialog is None or (call.is_last and call.state is State.ENDING):
                continue
            if not call.is_last and _is_there(call.dialog.peer) and _is_there(peer):
                home = call.home or call.dialog.peer
                call.home = None if home == peer else home
            call.dialog.peer = peer

    def of_device(self, device: str) -> list[DialogKey]:
        keys = self._by_party.get(device, ())
        return sorted(key for key in keys if self._calls[key].device == device)

    def owe(self, key: DialogKey) -> None:
        """Its device is to hear that it is over."""
        _put(self._owed, self._calls[key].device, key)

    def settle(self, key: DialogKey) -> None:
        """It has heard, or hears now."""
        if key in self._owed.get(self._calls[key].device, ()):
            _take(self._owed, self._calls[key].device, key)

    def owed_to(self, device: str) -> list[DialogKey]:
        return sorted(self._owed.get(device, ()))

    def by_call_id(self, call_id: str) -> list[DialogKey]:
        return sorted(self._by_call_id.get(call_id, ()))

    def by_offer(self, key: ServerKey) -> DialogKey | None:
        return self._by_offer.get(key)

    def find(self, request: Request, peer: Peer) -> DialogKey | None:
        """The dialog of a request by our tag; one without a tag has to come from where the call's peer is."""
        key = key_of(request)
        if key.tag:
            return key if key in self._calls and self._calls[key].dialog else None
        found = [other for other in self.by_call_id(key.call_id) if self._comes_from(other, peer)]
        return found[0] if len(found) == 1 else None

    def of_sender(self, request: Request, peer: Peer) -> list[DialogKey]:
        """Lasting calls with who sends this, for a BYE with a Call-ID of its own (gb28181.md, quirk 38)."""
        found = sorted(self._by_party.get(request.sender.user, ()))
        return [key for key in found if self._calls[key].state in LASTING and self._comes_from(key, peer)]

    def _comes_from(self, key: DialogKey, peer: Peer) -> bool:
        dialog = self._calls[key].dialog
        return dialog is not None and same_origin(dialog.peer, peer)


def _is_there(peer: Peer) -> bool:
    """Whether there is a way to it: its connection has not broken."""
    return not peer.reliable or peer.connection != 0


def _put(index: dict[str, set[DialogKey]], name: str, key: DialogKey) -> None:
    index.setdefault(name, set()).add(key)


def _take(index: dict[str, set[DialogKey]], name: str, key: DialogKey) -> None:
    index[name].discard(key)
    if not index[name]:
        del index[name]
