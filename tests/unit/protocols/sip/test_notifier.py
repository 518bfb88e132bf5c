"""The notifier, and what its subscribers may do wrong."""

from dataclasses import replace

import pytest

from bingjian.protocols.sip import notifier
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import Request, Response
from bingjian.protocols.sip.notifier import EXPIRES_DEFAULT_S
from bingjian.protocols.sip.reply import reply
from bingjian.protocols.sip.subscription_events import Lapsed, Why
from tests.unit.protocols.sip.test_subscriptions import XML, Line
from tests.unit.protocols.sip.wire import DEVICE, TCP, request


def to_notifier(line: Line, message: Request) -> list[str]:
    line.theirs.process(line.theirs.transactions.receive(message, line.ours.peer, line.now), line.now)
    return [data.split(b" ")[1].decode() for data, _ in line.theirs.transactions.take_output()]


def test_what_a_subscriber_may_ask_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line()
    assert to_notifier(line, request("SUBSCRIBE", "Expires: 0", cseq=1)) == ["200"]
    tagged = request("SUBSCRIBE", cseq=2)
    unknown = replace(tagged, headers=tagged.headers.replacing("To", "<sip:a@b>;tag=unknown"))
    assert to_notifier(line, unknown) == ["481"]
    assert line.theirs.take() == []
    assert to_notifier(line, request("SUBSCRIBE", cseq=3)) == []
    assert line.asked().expires_s == EXPIRES_DEFAULT_S
    monkeypatch.setattr(notifier, "SUBSCRIPTION_LIMIT", 1)
    assert to_notifier(line, request("SUBSCRIBE", "Expires: 99999999", cseq=4)) == ["503"]


def test_what_nobody_decides_is_forgotten() -> None:
    line = Line()
    key = line.subscribe()
    asked = line.asked()
    line.until(32.0)
    assert line.theirs.take() == [Lapsed(asked.subscription, Why.EXPIRED)]
    assert line.ours.take() == [Lapsed(key, Why.NO_ANSWER)]
    line.other.grant(asked.subscription, line.theirs.local, 600, b"", 33.0)
    line.other.refuse(asked.subscription, 403, 33.0)
    assert not line.other.notify(asked.subscription, XML, b"x", 33.0)
    assert line.other.finish(asked.subscription, 33.0) == []


def test_two_subscriptions_with_one_call_id_are_two() -> None:
    """Over TCP no answer is kept, so a repeated SUBSCRIBE is another; found by trying."""
    line = Line()
    keys = []
    for _ in range(2):
        line.theirs.process(line.theirs.transactions.receive(request("SUBSCRIBE"), TCP, 0.0), 0.0)
        keys.append(line.asked().subscription)
        line.other.grant(keys[-1], line.theirs.local, 600, b"", 0.0)
    assert keys[0].call_id == keys[1].call_id
    line.until(600.0)
    assert line.theirs.take() == [Lapsed(key, Why.EXPIRED) for key in keys]


def test_a_subscriber_that_knows_of_nothing_or_is_silent() -> None:
    line = Line()
    key, theirs = line.granted()
    line.mine.abandon(DEVICE)
    line.other.notify(theirs, XML, b"x", 1.0)
    line.run()
    assert line.theirs.take() == [Lapsed(theirs, Why.PEER, 481)]
    key, theirs = line.granted()
    line.change = lambda data: []
    line.other.notify(theirs, XML, b"x", 1.0)
    line.until(40.0)
    assert line.theirs.take() == [Lapsed(theirs, Why.NO_ANSWER)]
    assert len(line.mine) == 1
    assert key.call_id == theirs.call_id


def test_a_refused_notify_is_no_end() -> None:
    line = Line()
    _, theirs = line.granted()
    line.other.notify(theirs, XML, b"x", 1.0)
    (sent,) = line.theirs.transactions.take_output()
    assert sent.data.startswith(b"NOTIFY")
    asked = request("NOTIFY", call_id=theirs.call_id, cseq=1)
    for status in (100, 500):
        answer = Response(status, "x", Headers(reply(asked, status).headers))
        line.theirs.process(line.theirs.transactions.receive(answer, line.ours.peer, 1.0), 1.0)
    assert line.theirs.take() == []
    assert len(line.other) == 1
