"""Signed notes against the examples of the specification and of Go's note package, and hostile text."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.tlog import note
from bingjian.tlog.note import COSIGNATURE, Note, NoteBroken, Signer, Verifier

# C2SP signed-note, "Verifier keys", example
EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE = """This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
"""
# golang.org/x/mod/sumdb/note, note_test.go
PETER_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETER = (
    PETER_TEXT + "\n— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


@pytest.mark.parametrize(("key", "text"), [(EXAMPLE_KEY, EXAMPLE), (PETER_KEY, PETER)])
def test_published_notes_hold(key: str, text: str) -> None:
    trusted = Verifier.parse(key)
    found = note.parse(text.encode())
    assert str(trusted) == key
    assert str(found) == text
    assert note.verify(found, [trusted]) == [trusted]


def test_we_sign_what_go_signs() -> None:
    signer = Signer.parse(PETER_PRIVATE + "\n")
    assert str(signer.sign(PETER_TEXT)) == PETER
    assert str(signer.verifier()) == PETER_KEY
    assert signer.private_text() == PETER_PRIVATE


def test_of_several_signatures_the_known_ones_count() -> None:
    one, other, stranger = (Signer(name, name.encode() * 32) for name in "abc")
    signed = one.sign("text\n\nwith an empty line\n")
    both = Note(signed.text, (*signed.signatures, *other.sign(signed.text).signatures))
    found = note.parse(str(both).encode())
    assert note.verify(found, [other.verifier(), one.verifier()]) == [one.verifier(), other.verifier()]
    assert note.verify(found, [other.verifier(), stranger.verifier()]) == [other.verifier()]
    with pytest.raises(NoteBroken, match="known key"):
        note.verify(found, [stranger.verifier()])
    with pytest.raises(NoteBroken, match="known key"):
        note.verify(found, [one.verifier(COSIGNATURE)])


def test_one_false_signature_of_a_known_key_spoils_the_note() -> None:
    one, other = Signer("a", b"a" * 32), Signer("b", b"b" * 32)
    false = note.Signature("b", other.verifier().key_id, bytes(64))
    spoilt = Note("text\n", (*one.sign("text\n").signatures, false))
    assert note.verify(spoilt, [one.verifier()])
    with pytest.raises(NoteBroken, match="of b does not hold"):
        note.verify(spoilt, [one.verifier(), other.verifier()])


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "text\n", "text\n\n", PETER.removesuffix("\n"), PETER.replace("\n\n", "\n")),
        *(PETER.replace("— ", "- "), PETER.replace("— ", "—"), PETER + "\n", PETER.replace("N", "N N", 1)),
        *(PETER.replace("PeterN", "Peter\tN"), PETER.replace("If", "I\rf"), PETER.replace("Peter", "Peter+")),
        *(PETER.replace("nAM=", "nAN="), PETER.replace("nAM=", "nAM"), PETER.replace("nAM=", "nAM==")),
        *(
            "text\n\n— a AAAA\n",
            "text\n\n— \u3000 AAAAAAA=\n",
            "text\n\n" + "— a AAAAAAA=\n" * 65,
            "a" * 70_000,
        ),
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(NoteBroken):
        note.verify(note.parse(text.encode()), [Verifier.parse(PETER_KEY)])


@pytest.mark.parametrize("text", ["tab\there\n", "return\r\n", "nothing\0\n"])
def test_no_control_characters_whoever_signed_them(text: str) -> None:
    with pytest.raises(NoteBroken, match="control"):
        note.parse(str(Signer("a", bytes(32)).sign(text)).encode())


def test_no_more_signatures_than_anybody_needs() -> None:
    mine = Signer("a", bytes(32)).sign("text\n").signatures
    assert len(note.parse(str(Note("text\n", mine * 64)).encode()).signatures) == 64
    with pytest.raises(NoteBroken, match="too many"):
        note.parse(str(Note("text\n", mine * 65)).encode())


def test_every_changed_character_is_noticed() -> None:
    data = PETER.encode()
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(NoteBroken):
            note.verify(note.parse(changed), [Verifier.parse(PETER_KEY)])


@given(st.binary(max_size=200) | st.text().map(lambda text: f"{text}\n\n— {text}\n".encode(errors="replace")))
def test_any_bytes_are_a_note_or_raise_its_own_error(data: bytes) -> None:
    with contextlib.suppress(NoteBroken):
        assert str(note.parse(data)).encode() == data


@pytest.mark.parametrize(
    "text",
    [
        *("", "a", "a+b", "a+b+c", EXAMPLE_KEY.replace("530d", "530e"), EXAMPLE_KEY.replace("+Aek", "+Bek")),
        *(EXAMPLE_KEY.replace("530d903a", "530D903A"), EXAMPLE_KEY + "=", "\udc80" + EXAMPLE_KEY),
        PETER_PRIVATE,
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(NoteBroken):
        Verifier.parse(text)


@pytest.mark.parametrize("text", ["", PETER_KEY, PETER_PRIVATE[:-4], PETER_PRIVATE.replace("c74f", "c74e")])
def test_what_is_no_signer_key_is_refused(text: str) -> None:
    with pytest.raises(NoteBroken):
        Signer.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\x01b", "a\ud800"])
def test_a_key_has_a_name_of_one_word(name: str) -> None:
    with pytest.raises(NoteBroken):
        Signer(name, bytes(32))
