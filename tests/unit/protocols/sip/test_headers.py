import pytest

from bingjian.protocols.sip.headers import Headers, spelled


@pytest.mark.parametrize(
    ("name", "spelling"),
    [
        *[("i", "Call-ID"), ("I", "Call-ID"), ("CALL-ID", "Call-ID"), ("call-id", "Call-ID")],
        *[("cseq", "CSeq"), ("x-gb-ver", "X-GB-Ver"), ("www-authenticate", "WWW-Authenticate")],
        *[("X-UNKNOWN-thing", "X-Unknown-Thing"), ("o", "Event"), ("", "")],
    ],
)
def test_a_name_has_one_spelling(name: str, spelling: str) -> None:
    assert spelled(name) == spelling


def test_the_first_of_a_repeated_name_counts_and_all_can_be_had() -> None:
    headers = Headers([("v", "1"), ("To", "x"), ("VIA", "2")])
    assert headers.get("via") == "1"
    assert headers.get_all("v") == ["1", "2"]
    assert list(headers) == [("Via", "1"), ("To", "x"), ("Via", "2")]
    assert "Via" in headers
    assert "From" not in headers
    assert headers.get("From", "none") == "none"


def test_replacing_keeps_the_place() -> None:
    headers = Headers([("Via", "1"), ("To", "x"), ("Via", "2"), ("From", "y")])
    assert list(headers.replacing("v", "3")) == [("Via", "3"), ("To", "x"), ("From", "y")]
    assert list(headers.replacing("To")) == [("Via", "1"), ("Via", "2"), ("From", "y")]
    assert list(Headers([("A", "1")]).replacing("B", "2")) == [("A", "1"), ("B", "2")]
    assert list(Headers([("A", "1")]).having(("i", "2"))) == [("A", "1"), ("Call-ID", "2")]


def test_equal_headers_are_equal_however_written() -> None:
    assert Headers([("i", "1")]) == Headers([("CALL-ID", "1")])
    assert hash(Headers([("i", "1")])) == hash(Headers([("Call-ID", "1")]))
    assert Headers([("A", "1")]) != Headers([("A", "2")])
