"""Registration as GB/T 28181 wants it and as devices do it; every deadline before, at and after."""

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bingjian.protocols.sip.digest import NONCE_LIFE_S, Account, Digest, answered
from bingjian.protocols.sip.failures import PAIR_LIMIT
from bingjian.protocols.sip.headers import Headers
from bingjian.protocols.sip.message import Request, Response
from bingjian.protocols.sip.registrar import (
    AT_ONCE,
    FLAP_WINDOW_S,
    GRACE_S,
    Registrar,
    device_of,
)
from bingjian.protocols.sip.registrar_events import (
    USUAL,
    Challenged,
    Gone,
    Kept,
    Outcome,
    Refused,
    Registered,
    Removed,
    Terms,
    Why,
)
from bingjian.protocols.sip.reply import Peer
from tests.unit.protocols.sip.wire import DEVICE, DOMAIN, TCP, UDP, request

WALL = datetime(2026, 1, 31, tzinfo=UTC)
ACCOUNT = Account("12345678", DEVICE)
ELSEWHERE = Peer("UDP", "203.0.113.5", 5060)
TURNS = [UDP, ELSEWHERE] * 3
SILENCE_S = 60 * 3 + 5


def new() -> Registrar:
    return Registrar(Digest(DOMAIN), spread=0.0)


def send(
    registrar: Registrar,
    message: Request,
    peer: Peer = UDP,
    now: float = 0.0,
    terms: Terms = USUAL,
    **more: Account | None,
) -> Outcome:
    return registrar.register(message, peer, more.get("account", ACCOUNT), now, WALL, terms)


def registers(
    registrar: Registrar,
    *more: str,
    peer: Peer = UDP,
    now: float = 0.0,
    account: Account = ACCOUNT,
    known: bool = True,
    terms: Terms = USUAL,
    cseq: int = 1,
    call_id: str = "c1",
) -> Outcome:
    """The whole flow: REGISTER, 401, REGISTER with an answer."""
    first = request("REGISTER", *(more or ("Expires: 3600",)), cseq=cseq, call_id=call_id)
    told = ACCOUNT if known else None
    asked = send(registrar, first, peer, now, account=told)
    assert isinstance(asked, Challenged)
    second = answered(first, asked.answer, account)
    assert second is not None
    return send(registrar, second, peer, now, terms, account=told)


def registered(registrar: Registrar, *more: str, **fields: object) -> Registered:
    outcome = registers(registrar, *more, **fields)  # type: ignore[arg-type]
    assert isinstance(outcome, Registered)
    return outcome


def test_registration() -> None:
    registrar = new()
    contact = f"Contact: <sip:{DEVICE}@10.0.0.9:5060>"
    outcome = registered(registrar, contact, "Expires: 7200", "X-GB-Ver: 3.0")
    assert (outcome.device, outcome.fresh, outcome.moved, outcome.realm) == (DEVICE, True, False, DOMAIN)
    assert outcome.binding.peer == UDP
    assert (outcome.binding.version, outcome.binding.online) == ("3.0", True)
    answer = outcome.answer
    assert (answer.status, answer.headers.get("Expires")) == (200, "7200")
    assert answer.headers.get("Date") == "2026-01-31T08:00:00.000"
    assert answer.headers.get("Contact") == f"<sip:{DEVICE}@10.0.0.9:5060>;expires=7200"
    assert answer.headers.get("X-GB-Ver") == "3.0"
    assert answer.via.params["rport"] == "5060"
    assert answer.to.tag
    assert registrar.binding(DEVICE) == outcome.binding
    assert dict(registrar.bindings()) == {DEVICE: outcome.binding}


def test_every_answer_names_our_version() -> None:
    registrar = new()
    for message in (request("REGISTER"), request("REGISTER", "Authorization: Digest x"), _of("", "")):
        assert send(registrar, message).answer.headers.get("X-GB-Ver") == "3.0"


def test_the_clock_of_a_device_can_be_left_alone() -> None:
    outcome = registered(new(), terms=Terms(tells_time=False))
    assert "Date" not in outcome.answer.headers


@pytest.mark.parametrize(
    ("lines", "granted"),
    [
        (["Expires: 60"], "60"),
        (["Expires: 86401"], "86400"),
        (["Contact: <sip:a@b>;expires=600"], "600"),
        (["Contact: <sip:a@b>;expires=600", "Expires: 700"], "600"),
        (["Contact: <sip:a@b>"], "3600"),
        (["Expires: soon"], "3600"),
    ],
)
def test_how_long(lines: list[str], granted: str) -> None:
    assert registered(new(), *lines).answer.headers.get("Expires") == granted


def test_devices_that_came_together_come_back_apart() -> None:
    registrar = Registrar(Digest(DOMAIN))
    assert 77_760 <= int(registered(registrar, "Expires: 86400").answer.headers.get("Expires")) < 86_400
    assert registered(registrar, "Expires: 3600", cseq=3, now=1.0).answer.headers.get("Expires") == "3600"
    assert registered(registrar, "Expires: 60", cseq=5, now=2.0).answer.headers.get("Expires") == "60"
    assert registrar.binding(DEVICE).expires_at == pytest.approx(2.0 + 60 + GRACE_S)  # type: ignore[union-attr]


def test_unknown_devices_get_a_challenge_and_the_refusal_of_a_wrong_password() -> None:
    registrar = new()
    unknown = registers(registrar, known=False)
    wrong = registers(registrar, account=replace(ACCOUNT, password="87654321"), call_id="c2")
    assert isinstance(unknown, Refused)
    assert isinstance(wrong, Refused)
    assert (unknown.why, wrong.why) == (Why.UNKNOWN, Why.PASSWORD)
    assert unknown.answer.status == wrong.answer.status == 403
    assert {name for name, _ in unknown.answer.headers} == {name for name, _ in wrong.answer.headers}
    assert registrar.binding(DEVICE) is None
    assert registrar.next_deadline() is None


def test_an_old_nonce_is_challenged_as_stale_not_refused() -> None:
    registrar = new()
    first = request("REGISTER")
    asked = send(registrar, first)
    second = answered(first, asked.answer, ACCOUNT)
    assert second is not None
    assert isinstance(send(registrar, second, now=1.0), Registered)
    replayed = send(registrar, second, ELSEWHERE, now=2.0)
    assert isinstance(replayed, Challenged)
    assert "stale=true" in replayed.answer.headers.get("WWW-Authenticate")
    assert registrar.binding(DEVICE).peer == UDP  # type: ignore[union-attr]


def test_a_replayed_registration_does_not_undo_a_removal() -> None:
    registrar = new()
    first = request("REGISTER", "Expires: 3600")
    second = answered(first, send(registrar, first).answer, ACCOUNT)
    assert second is not None
    send(registrar, second)
    assert isinstance(registers(registrar, "Expires: 0", now=1.0, cseq=5), Removed)
    assert isinstance(send(registrar, second, now=2.0), Challenged)
    assert registrar.expire(1.0 + NONCE_LIFE_S - 0.001) == []
    assert len(registrar._devices) == 1
    assert registrar.expire(1.0 + NONCE_LIFE_S) == []
    assert len(registrar._devices) == 0
    assert isinstance(send(registrar, second, now=1.0 + NONCE_LIFE_S), Challenged)


def test_removal() -> None:
    registrar = new()
    registered(registrar)
    outcome = registers(registrar, "Expires: 0", "Contact: *", now=1.0, cseq=3)
    assert isinstance(outcome, Removed)
    assert (outcome.answer.status, outcome.answer.headers.get("Expires")) == (200, "0")
    assert registrar.binding(DEVICE) is None
    assert not registrar.keep_alive(DEVICE, UDP, 2.0).known
    assert isinstance(registers(registrar, "Expires: 0", now=3.0, cseq=5), Removed)


def test_who_fails_too_often_waits_and_is_told_so() -> None:
    registrar = new()
    wrong = replace(ACCOUNT, password="no")
    refusals = [registers(registrar, account=wrong, now=float(n), cseq=2 * n + 1) for n in range(PAIR_LIMIT)]
    assert [r.first for r in refusals if isinstance(r, Refused)] == [True, False, False, False, False]
    outcome = send(registrar, request("REGISTER"), now=5.0)
    assert isinstance(outcome, Refused)
    assert (outcome.why, outcome.first, outcome.answer.status) == (Why.TOO_MANY, False, 403)
    assert outcome.answer.headers.get("Retry-After") == "60"
    assert isinstance(send(registrar, request("REGISTER"), ELSEWHERE, now=5.0), Challenged)
    assert isinstance(send(registrar, request("REGISTER"), now=64.1), Challenged)
    registrar.failures.forgive(DEVICE)
    registered(registrar, now=6.0)


def test_nobody_fails_in_the_name_of_another_s_address() -> None:
    """A challenge fetched elsewhere, answered wrongly with the device's address forged as the source."""
    registrar = new()
    registered(registrar)
    first = request("REGISTER", call_id="c2")
    asked = send(registrar, first, ELSEWHERE, now=1.0)
    forged = answered(first, asked.answer, replace(ACCOUNT, password="no"))
    assert forged is not None
    for _ in range(PAIR_LIMIT + 1):
        assert isinstance(send(registrar, forged, UDP, now=1.0), Challenged)
    registered(registrar, now=2.0, cseq=3)


def _of(to: str, sender: str) -> Request:
    headers = (
        request("REGISTER")
        .headers.replacing("To", f"<sip:{to}@h>")
        .replacing("From", f"<sip:{sender}@h>;tag=1")
    )
    return Request("REGISTER", "sip:h", headers)


@pytest.mark.parametrize(("to", "sender"), [("", ""), ("a", "b"), ("x" * 65, "x" * 65), ("", "x" * 65)])
def test_nobody_registers_another_or_nobody(to: str, sender: str) -> None:
    outcome = send(new(), _of(to, sender))
    assert isinstance(outcome, Refused)
    assert (outcome.why, outcome.answer.status) == (Why.MALFORMED, 403)


def test_registrations_that_name_nobody_are_said_once_and_stop_nobody() -> None:
    """Their source may be forged."""
    registrar = new()
    nameless = [send(registrar, _of("a", "b"), now=float(n) / 10) for n in range(500)]
    assert [one.first for one in nameless if isinstance(one, Refused)] == [True] + [False] * 499
    later = send(registrar, _of("a", "b"), now=60.0)
    assert isinstance(later, Refused)
    assert later.first
    registered(registrar, now=60.0)


def test_an_id_is_opaque() -> None:
    assert [device_of(_of(to, sender)) for to, sender in [("a", "a"), ("a", ""), ("", "a"), ("1 ", "1")]] == [
        *["a", "a", "a", "1"]
    ]


def test_a_refresh_is_told_from_a_fresh_start() -> None:
    registrar = new()
    assert registered(registrar, cseq=1).fresh
    assert not registered(registrar, cseq=3, now=10.0).fresh
    assert registered(registrar, cseq=1, now=20.0).fresh
    assert registered(registrar, cseq=9, call_id="c2", now=30.0).fresh


# --- keep-alives -------------------------------------------------------------------------------------------


def test_keep_alives_and_their_misses() -> None:
    registrar = new()
    registered(registrar, "Expires: 86400")
    for minute in range(1, 5):
        assert registrar.keep_alive(DEVICE, UDP, 60.0 * minute) == Kept()
        assert registrar.expire(60.0 * minute) == []
    assert registrar.expire(240.0 + SILENCE_S - 0.001) == []
    assert registrar.next_deadline() == 240.0 + SILENCE_S
    assert registrar.expire(240.0 + SILENCE_S) == [Gone(DEVICE, Why.SILENT)]
    assert registrar.binding(DEVICE).online is False  # type: ignore[union-attr]
    assert registrar.expire(1_000.0) == []
    assert registrar.keep_alive(DEVICE, UDP, 1_000.0) == Kept(returned=True)
    assert registrar.binding(DEVICE).online is True  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("terms", "silence_s"),
    [(Terms(30.0, 2), 65.0), (Terms(0.0, 3), 20.0), (Terms(60.0, 0), 65.0), (Terms(-1, -1), 10)],
)
def test_configured_misses_and_illegal_ones(terms: Terms, silence_s: float) -> None:
    registrar = new()
    registered(registrar, "Expires: 86400", terms=terms, now=0.0)
    assert registrar.expire(silence_s - 0.001) == []
    assert registrar.expire(silence_s) == [Gone(DEVICE, Why.SILENT)]


def test_terms_may_change() -> None:
    registrar = new()
    registered(registrar, "Expires: 86400", now=0.0)
    registrar.agree(DEVICE, Terms(10.0, 1))
    assert registrar.expire(14.999) == []
    assert registrar.expire(15.0) == [Gone(DEVICE, Why.SILENT)]


def test_keep_alives_do_not_prolong_a_registration() -> None:
    registrar = new()
    registered(registrar, "Expires: 120", now=0.0)
    for second in range(0, 150, 30):
        registrar.keep_alive(DEVICE, UDP, float(second))
    assert registrar.expire(151.999) == []  # a refresh may still be repeated, for 64·T1
    assert registrar.expire(152.0) == [Gone(DEVICE, Why.EXPIRED)]
    assert not registrar.keep_alive(DEVICE, UDP, 153.0).known
    assert registrar.binding(DEVICE) is None


def test_a_silent_device_expires_too() -> None:
    registrar = new()
    registered(registrar, "Expires: 3600", now=0.0)
    assert registrar.expire(SILENCE_S) == [Gone(DEVICE, Why.SILENT)]
    assert registrar.expire(3600 + GRACE_S - 0.001) == []
    assert registrar.expire(3600 + GRACE_S) == [Gone(DEVICE, Why.EXPIRED)]


def test_an_unknown_device_s_keep_alive() -> None:
    assert new().keep_alive(DEVICE, UDP, 0.0) == Kept(known=False)


# --- addresses and connections -----------------------------------------------------------------------------


def test_a_keep_alive_from_a_new_port_moves_the_device() -> None:
    """Quirk 11: NAT rebinding."""
    registrar = new()
    registered(registrar)
    for port in range(6000, 6020):
        assert registrar.keep_alive(DEVICE, UDP._replace(port=port), 1.0) == Kept(moved=True)
        assert registrar.binding(DEVICE).peer.port == port  # type: ignore[union-attr]


def test_a_registration_from_another_address_wins() -> None:
    """Quirk 12."""
    registrar = new()
    registered(registrar)
    outcome = registered(registrar, peer=ELSEWHERE, now=10.0, cseq=3)
    assert (outcome.moved, outcome.flapping, outcome.fresh) == (True, False, False)
    assert registrar.binding(DEVICE).peer == ELSEWHERE  # type: ignore[union-attr]


def test_a_keep_alive_from_another_host_has_to_register() -> None:
    """Else a stranger who knows an id would be asked for the camera's picture."""
    registrar = new()
    registered(registrar)
    assert registrar.keep_alive(DEVICE, ELSEWHERE, 1.0) == Kept(known=False)
    assert registrar.binding(DEVICE).peer == UDP  # type: ignore[union-attr]
    assert registrar.binding(DEVICE).seen_at == 0.0  # type: ignore[union-attr]
    assert registered(registrar, peer=ELSEWHERE, now=2.0, cseq=3).moved
    assert registrar.keep_alive(DEVICE, ELSEWHERE, 3.0) == Kept()


def test_two_devices_with_one_id_are_noticed_and_keep_alives_no_longer_move() -> None:
    """Quirk 13; and a stranger who pretends to be a device that roams."""
    registrar = new()
    registered(registrar, terms=Terms(roams=True))
    assert registrar.keep_alive(DEVICE, ELSEWHERE, 1.0) == Kept(moved=True)
    assert registrar.keep_alive(DEVICE, UDP, 2.0) == Kept(moved=True)
    assert registrar.keep_alive(DEVICE, ELSEWHERE, 3.0) == Kept(known=False, flapping=True)
    assert registrar.keep_alive(DEVICE, UDP, 4.0) == Kept()
    assert registrar.binding(DEVICE).peer == UDP  # type: ignore[union-attr]
    registered(registrar, peer=ELSEWHERE, now=5.0, cseq=3, terms=Terms(roams=True))
    assert registrar.keep_alive(DEVICE, UDP, 2.0 + FLAP_WINDOW_S) == Kept(moved=True)


def test_two_devices_with_one_id_that_register_in_turn_are_noticed() -> None:
    registrar = new()
    outcomes = [registered(registrar, peer=peer, now=1.0, cseq=2 * n + 1) for n, peer in enumerate(TURNS)]
    assert [outcome.flapping for outcome in outcomes] == [False, False, False, True, False, False]


def test_hosts_that_alternate_are_said_once_in_a_window() -> None:
    """Anybody can send keep-alives that name a device."""
    registrar = new()
    registered(registrar)
    for since in (1.0, 1.0 + FLAP_WINDOW_S):
        flapping = [registrar.keep_alive(DEVICE, ELSEWHERE, since).flapping for _ in range(1_000)]
        assert flapping == [False, False, True] + [False] * 997


def test_over_tcp_only_the_connection_that_registered_speaks() -> None:
    registrar = new()
    registered(registrar, peer=TCP)
    assert registrar.keep_alive(DEVICE, TCP, 1.0).known
    for peer in (TCP._replace(connection=8), UDP, Peer("UDP", TCP.host, TCP.port)):
        assert not registrar.keep_alive(DEVICE, peer, 1.0).known
        assert not registrar.holds(DEVICE, peer)
    assert registrar.holds(DEVICE, TCP)


def test_over_udp_its_host_speaks() -> None:
    registrar = new()
    assert not registrar.holds(DEVICE, UDP)
    registered(registrar)
    assert registrar.holds(DEVICE, UDP._replace(port=9))
    assert not registrar.holds(DEVICE, ELSEWHERE)
    assert not registrar.holds(DEVICE, TCP)
    assert not registrar.keep_alive(DEVICE, TCP, 1.0).known


def test_a_lost_connection_takes_its_devices_along() -> None:
    registrar = new()
    registered(registrar, peer=TCP)
    assert registrar.connection_lost(99, 1.0) == []
    assert registrar.connection_lost(TCP.connection, 1.0) == [Gone(DEVICE, Why.CONNECTION)]
    assert registrar.binding(DEVICE) is None
    assert registrar.connection_lost(TCP.connection, 1.0) == []


def test_a_new_connection_supersedes_the_old() -> None:
    registrar = new()
    registered(registrar, peer=TCP)
    again = TCP._replace(connection=8)
    outcome = registered(registrar, peer=again, now=1.0, cseq=3)
    assert outcome.superseded == TCP.connection
    assert registrar.connection_lost(TCP.connection, 2.0) == []
    assert registrar.binding(DEVICE).peer == again  # type: ignore[union-attr]
    assert registered(registrar, peer=again, now=3.0, cseq=5).superseded == 0
    assert registrar.connection_lost(8, 4.0) == [Gone(DEVICE, Why.CONNECTION)]
    assert registrar._connections == {}


def test_after_our_restart_a_keep_alive_is_enough() -> None:
    """Some devices never register again, and keep alive from a new port (wvp PR 2235)."""
    before, after = new(), new()
    registered(before)
    for device, binding in before.bindings():
        after.restore(device, binding, 10.0)
    assert after.binding(DEVICE).online is False  # type: ignore[union-attr]
    assert after.keep_alive(DEVICE, UDP._replace(port=7000), 11.0) == Kept(moved=True, returned=True)
    assert after.expire(3600 + GRACE_S) == [Gone(DEVICE, Why.EXPIRED)]


def restored(now: float = 10.0) -> Registrar:
    """As after our restart."""
    before, after = new(), new()
    registered(before)
    for device, binding in before.bindings():
        after.restore(device, binding, now)
    return after


def test_until_it_is_heard_a_restored_device_is_neither_online_nor_silent() -> None:
    registrar = restored()
    binding = registrar.binding(DEVICE)
    assert binding is not None
    assert (binding.online, binding.unheard) == (False, True)
    assert registrar.expire(10.0 + SILENCE_S - 0.1) == []
    assert registrar.binding(DEVICE).unheard is True  # type: ignore[union-attr]
    assert registrar.expire(10.0 + SILENCE_S) == [], "it was never online for us"
    assert registrar.binding(DEVICE) == binding._replace(unheard=False)
    assert registrar.keep_alive(DEVICE, UDP, 500.0).returned


def test_a_restored_device_that_was_heard_falls_silent_as_others_do() -> None:
    registrar = restored()
    registrar.keep_alive(DEVICE, UDP, 11.0)
    assert registrar.binding(DEVICE).unheard is False  # type: ignore[union-attr]
    assert registrar.expire(11.0 + SILENCE_S) == [Gone(DEVICE, Why.SILENT)]
    assert registrar.binding(DEVICE).unheard is False  # type: ignore[union-attr]


def test_quirk_31_the_first_registration_that_we_see_tells_of_no_start() -> None:
    registrar = restored()
    first = registered(registrar, now=11.0, cseq=3)
    assert (first.fresh, first.first, first.binding.unheard) == (True, True, False)
    refresh = registered(registrar, now=12.0, cseq=5)
    assert (refresh.fresh, refresh.first) == (False, False)
    anew = registered(registrar, now=13.0, call_id="c2")
    assert (anew.fresh, anew.first) == (True, False)
    registrar.connection_lost(TCP.connection, 14.0)
    assert registered(new()).first


def test_what_cannot_be_restored_is_not() -> None:
    registrar, binding = new(), registered(new()).binding
    registrar.restore("a", binding._replace(peer=TCP), 0.0)
    registrar.restore("b", binding._replace(expires_at=1.0), 1.0)
    assert list(registrar.bindings()) == []


def test_a_device_that_is_no_longer_accepted() -> None:
    registrar = new()
    registered(registrar)
    registrar.dismiss(DEVICE, 1.0)
    registrar.dismiss("unknown", 1.0)
    assert registrar.binding(DEVICE) is None
    assert not registrar.keep_alive(DEVICE, UDP, 2.0).known


# --- a city of them ----------------------------------------------------------------------------------------


def _device(number: int) -> tuple[Request, Account, Peer]:
    name = f"9901010000132{number:07}"
    headers = request("REGISTER", "Expires: 86400", call_id=f"{number:032x}").headers
    headers = headers.replacing("To", f"<sip:{name}@{DOMAIN}>").replacing(
        "From", f"<sip:{name}@{DOMAIN}>;tag={number}"
    )
    headers = headers.replacing("Contact", f"<sip:{name}@10.{number >> 8}.{number & 255}.2:5060>")
    return (
        Request("REGISTER", f"sip:{DOMAIN}", Headers(headers)),
        Account("p", name),
        Peer("UDP", f"192.0.2.{number}", 5060),
    )


def test_an_idle_device_takes_less_than_two_kilobytes_and_no_time() -> None:
    registrar, count = new(), 2_000
    tracemalloc.start()
    try:
        for number in range(count):
            first, account, peer = _device(number)
            asked: Response = registrar.register(first, peer, account, 0.0, WALL).answer
            second = answered(first, asked, account)
            assert second is not None
            assert isinstance(registrar.register(second, peer, account, 1.0, WALL), Registered)
        del first, account, peer, asked, second
        size = tracemalloc.get_traced_memory()[0] / count
    finally:
        tracemalloc.stop()
    assert size < 2_048
    for minute in range(1, 4):
        for number in range(count):
            registrar.keep_alive(
                _device(number)[1].username, Peer("UDP", f"192.0.2.{number}", 5060), 60.0 * minute
            )
    assert registrar._calendar.entries == count
    assert registrar.expire(60.0 * 3 + SILENCE_S - 0.001) == []
    parts = [len(registrar.expire(60.0 * 3 + SILENCE_S)) for _ in range(count // AT_ONCE + 1)]
    assert parts == [AT_ONCE] * (count // AT_ONCE) + [0]
