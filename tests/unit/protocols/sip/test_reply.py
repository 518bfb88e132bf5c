from bingjian.protocols.sip.message import Response, read_datagram, serialise
from bingjian.protocols.sip.reply import Peer, reply
from tests.unit.protocols.sip.wire import DEVICE, PLATFORM, request

SEEN_FROM = Peer("UDP", "203.0.113.9", 6000)


def test_an_answer_goes_back_the_way_the_request_came() -> None:
    asked = request("MESSAGE", "Via: SIP/2.0/UDP second, SIP/2.0/UDP third")
    answer = read_datagram(serialise(reply(asked, 200, ("X-GB-Ver", "3.0"), seen_from=SEEN_FROM, tag="t")))
    assert isinstance(answer, Response)
    assert (answer.status, answer.reason) == (200, "OK")
    assert answer.via.params["received"] == "203.0.113.9"
    assert answer.via.params["rport"] == "6000"
    assert answer.headers.get_all("Via")[1:] == ["SIP/2.0/UDP second, SIP/2.0/UDP third"]
    assert (answer.sender.user, answer.sender.tag) == (DEVICE, "2043")
    assert (answer.to.user, answer.to.tag) == (PLATFORM, "t")
    assert (answer.call_id, answer.cseq) == (asked.call_id, asked.cseq)
    assert answer.headers.get("X-GB-Ver") == "3.0"


def test_several_hops_in_one_line_stay() -> None:
    asked = request("MESSAGE").headers.replacing("Via", "SIP/2.0/UDP a;rport, SIP/2.0/UDP b")
    answer = reply(request("MESSAGE").__class__("MESSAGE", "sip:a", asked), 200, seen_from=SEEN_FROM)
    assert answer.headers.get("Via") == "SIP/2.0/UDP a;rport=6000;received=203.0.113.9, SIP/2.0/UDP b"


def test_no_tag_for_100_and_none_instead_of_a_given_one() -> None:
    assert reply(request("INVITE"), 100, tag="t").to.tag == ""
    tagged = request("INVITE").headers.replacing("To", "<sip:a@b>;tag=theirs")
    assert reply(request("INVITE").__class__("INVITE", "sip:a", tagged), 200, tag="t").to.tag == "theirs"
