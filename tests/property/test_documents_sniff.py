"""Whatever arrives is of a kept type or refused by one of our errors; nothing else ever comes out."""

from hypothesis import given
from hypothesis import strategies as st

from bingjian.documents.errors import FileNotAccepted
from bingjian.documents.sniff import ACCEPTED, SUFFIXES, recognised
from bingjian.documents.sniff_pdf import FORBIDDEN
from tests.unit.documents.files import GOOD, HOSTILE, object_stream, pdf_with

whole = st.sampled_from(
    [content for content, _ in [*GOOD.values(), *HOSTILE.values()] if len(content) < 100_000]
)
magics = st.sampled_from([magic for magic, _ in ACCEPTED])


def answer(content: bytes) -> str | None:
    """The media type, or None if refused; any other error fails the test."""
    try:
        return recognised(content)
    except FileNotAccepted:
        return None


@given(magics, st.binary(max_size=400))
def test_any_bytes_behind_a_known_beginning(magic: bytes, rest: bytes) -> None:
    assert answer(magic + rest) in {None, *SUFFIXES}


@given(whole, st.data())
def test_a_file_with_changed_bytes(content: bytes, data: st.DataObject) -> None:
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 4)) if content else 0):
        at = data.draw(st.integers(0, len(content) - 1))
        changed[at] = data.draw(st.sampled_from([0, 1, 0x2F, 0x3C, 0x7F, 0x80, 0xFE, 0xFF]))
    assert answer(bytes(changed)) in {None, *SUFFIXES}


@given(whole, st.data())
def test_a_file_cut_anywhere(content: bytes, data: st.DataObject) -> None:
    assert answer(content[: data.draw(st.integers(0, len(content)))]) in {None, *SUFFIXES}


@given(st.text(max_size=300), st.sampled_from(["utf-8", "gb18030"]))
def test_a_text_is_kept_or_refused_for_what_is_in_it(text: str, encoding: str) -> None:
    assert answer(text.encode(encoding, "ignore")) in {None, *SUFFIXES}


@given(st.sampled_from(sorted(FORBIDDEN)), st.data(), st.booleans())
def test_no_spelling_hides_a_name_in_a_pdf(name: str, data: st.DataObject, packed: bool) -> None:
    hexed = data.draw(st.lists(st.sampled_from(["", "x", "X"]), min_size=len(name), max_size=len(name)))
    spelt = "".join(
        letter if not form else f"#{ord(letter):02{form}}" for letter, form in zip(name, hexed, strict=True)
    )
    body = b"4 0 <</S/%s/X 1>>" % spelt.encode()
    content = pdf_with(object_stream(body) if packed else b"4 0 obj" + body + b"endobj")
    assert answer(content) is None
