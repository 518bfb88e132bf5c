"""RTSP URLs: credentials taken out, smuggling refused, control URLs as cameras mean them."""

import pytest

from bingjian.protocols.url import UrlError, parse, resolve


@pytest.mark.parametrize(
    ("text", "plain", "username", "password", "host", "port"),
    [
        ("rtsp://10.0.0.1/s1", "rtsp://10.0.0.1/s1", "", "", "10.0.0.1", 554),
        ("RTSP://h:8554", "rtsp://h:8554", "", "", "h", 8554),
        ("rtsps://h/a?b=c&d", "rtsps://h/a?b=c&d", "", "", "h", 322),
        ("rtsp://admin:p%40ss%3A@h/x", "rtsp://h/x", "admin", "p@ss:", "h", 554),
        ("rtsp://admin:p@ss#w?d@h/x@y", "rtsp://h/x@y", "admin", "p@ss#w?d", "h", 554),
        ("rtsp://user@h/", "rtsp://h/", "user", "", "h", 554),
        ("rtsp://[fe80::1]:554/x", "rtsp://[fe80::1]/x", "", "", "fe80::1", 554),
        ("rtsp://%E7%AE%A1:%E5%AF%86@h/", "rtsp://h/", "管", "密", "h", 554),
    ],
)
def test_a_url_is_taken_apart(
    text: str, plain: str, username: str, password: str, host: str, port: int
) -> None:
    url = parse(text)
    assert (str(url), url.username, url.password, url.host, url.port) == (
        plain,
        username,
        password,
        host,
        port,
    )
    assert not password or password not in repr(url)
    assert str(parse(plain)) == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h/x",
        "http://h/x",
        "rtsp://",
        "rtsp:///x",
        "rtsp://h:0/",
        "rtsp://h:65536/",
        "rtsp://h:x/",
        "rtsp://h /",
        "rtsp://h/a\r\nEvil: 1",
        "rtsp://h/\x00",
        "rtsp://h/a b",
        "rtsp://h/\x85",
        "rtsp://h/\udcff",
        "rtsp://u:secret@",
        "rtsp://h/" + "x" * 3000,
    ],
)
def test_what_is_no_rtsp_url_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(UrlError) as error:
        parse(text)
    assert "secret" not in str(error.value)
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    ("base", "control", "uri"),
    [
        ("rtsp://h/s/", "trackID=1", "rtsp://h/s/trackID=1"),
        ("rtsp://h/s", "trackID=1", "rtsp://h/s/trackID=1"),
        ("rtsp://h/s?channel=1", "trackID=1", "rtsp://h/s?channel=1/trackID=1"),
        ("rtsp://h/s", "*", "rtsp://h/s"),
        ("rtsp://h/s", "", "rtsp://h/s"),
        ("rtsp://h/s", "rtsp://h:554/s/1", "rtsp://h/s/1"),
        ("rtsp://h:8554/s", "/other", "rtsp://h:8554/other"),
    ],
)
def test_control_urls_are_resolved_as_cameras_mean_them(base: str, control: str, uri: str) -> None:
    assert resolve(base, control) == uri


@pytest.mark.parametrize("control", ["a\rb", "a b", "http://x/", "rtsp://h/\x01", "x" * 3000, "/\x7f"])
def test_control_urls_that_no_request_may_carry_are_refused(control: str) -> None:
    with pytest.raises(UrlError):
        resolve("rtsp://h/s", control)
