"""Cosignatures: a witness says that a checkpoint continues what it saw before (C2SP tlog-cosignature, v1)."""

from bingjian.tlog.note import COSIGNATURE, SIGNATURE_BYTES, Note, NoteBroken, Signature, Signer, Verifier

TIME_BYTES = 8
TIME_MAX = (1 << 63) - 1


def message(text: str, time_s: int) -> bytes:
    """What a witness signs: the checkpoint's text under a header with the time, seconds since 1970."""
    return f"cosignature/v1\ntime {time_s}\n{text}".encode()


def cosign(text: str, time_s: int, signer: Signer) -> Signature:
    """A witness's signature of a checkpoint's text."""
    signed = signer.raw(message(text, time_s))
    return Signature(signer.name, signer.verifier(COSIGNATURE).key_id, time_s.to_bytes(TIME_BYTES) + signed)


def time_of(signature: Signature) -> int:
    """When it was made, seconds since 1970. Raises NoteBroken."""
    time_s = int.from_bytes(signature.data[:TIME_BYTES])
    if len(signature.data) != TIME_BYTES + SIGNATURE_BYTES or time_s > TIME_MAX:
        raise NoteBroken("this is no cosignature")
    return time_s


def cosigned_at(note: Note, witness: Verifier) -> int | None:
    """When this witness cosigned the checkpoint, seconds since 1970; None if it did not.

    Raises:
        NoteBroken: there is a cosignature in its name that does not hold.
    """
    for signature in note.signatures:
        if witness.made(signature):
            time_s = time_of(signature)
            if not witness.holds(message(note.text, time_s), signature.data[TIME_BYTES:]):
                raise NoteBroken(f"the cosignature of {witness.name} does not hold")
            return time_s
    return None
