"""One SIP element's transactions: messages in, events out, bytes to send (RFC 3261 §17).

The owner of the sockets sends what ``take_output`` returns after every call, and calls ``expire`` when
``next_deadline`` has come.
"""

from bingjian.protocols.sip.client_transactions import ClientTransactions
from bingjian.protocols.sip.errors import MessageError
from bingjian.protocols.sip.events import ClientKey, Event, Outgoing, ServerKey
from bingjian.protocols.sip.message import Message, Request, Response, serialise
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.server_transactions import ServerTransactions


class Transactions:
    """Both sides. All ``now`` are monotonic seconds."""

    def __init__(self) -> None:
        self._output: list[Outgoing] = []
        self._clients = ClientTransactions(self._output)
        self._servers = ServerTransactions(self._output)

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)

    def receive(self, message: Message, peer: Peer, now: float) -> list[Event]:
        """Never raises: whatever ``message.build`` lets through has its place."""
        if isinstance(message, Request):
            return self._servers.receive(message, peer, now)
        return self._clients.receive(message, peer, now)

    def refuse(self, error: MessageError, peer: Peer) -> None:
        """Answer a message that could not be understood, if it can be answered; nothing is remembered."""
        if error.request:
            answer = reply(error.request, error.status, seen_from=peer)
            self._output.append(Outgoing(serialise(answer), peer))

    def request(self, request: Request, peer: Peer, now: float) -> ClientKey:
        """Send any request but ACK. Raises TooManyRequests."""
        return self._clients.send(request, peer, now)

    def cancel(self, key: ClientKey, now: float) -> None:
        """Take an INVITE back, if it is not answered yet."""
        self._clients.cancel(key, now)

    def repeat_no_more(self, key: ClientKey) -> None:
        """A request that is out of date, if it is not answered yet; its answer still counts."""
        self._clients.repeat_no_more(key)

    def acknowledge(self, key: ClientKey, ack: Request, peer: Peer) -> None:
        """The ACK of a 2xx."""
        self._clients.acknowledge(key, ack, peer)

    def respond(self, key: ServerKey, response: Response, now: float) -> None:
        self._servers.respond(key, response, now)

    def respond_ok(self, key: ServerKey, now: float) -> None:
        """200 with nothing of our own in it, to any request but INVITE; it takes the least memory."""
        self._servers.respond_ok(key, now)

    def respond_once(self, key: ServerKey, response: Response) -> None:
        """And remember nothing: for strangers."""
        self._servers.respond_once(key, response)

    def next_deadline(self) -> float | None:
        deadlines = [self._clients.next_deadline(), self._servers.next_deadline()]
        return min((at for at in deadlines if at is not None), default=None)

    def expire(self, now: float) -> list[Event]:
        return self._clients.expire(now) + self._servers.expire(now)

    def connection_lost(self, connection: int) -> list[Event]:
        return self._clients.connection_lost(connection)

    @property
    def has_output(self) -> bool:
        return bool(self._output)

    def take_output(self) -> list[Outgoing]:
        output = self._output[:]
        self._output.clear()
        return output
