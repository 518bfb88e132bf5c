"""What a witness decides: does a log's checkpoint continue the last one it signed (C2SP tlog-witness)."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bingjian.tlog import checkpoint as checkpoints
from bingjian.tlog.checkpoint import Checkpoint, decimal
from bingjian.tlog.note import Note, NoteBroken, Signature, Verifier, from_base64, parse, signature_of
from bingjian.tlog.proof import PATH_MAX
from bingjian.tlog.tree import EMPTY_ROOT, HASH_BYTES, ProofBroken, check_consistency

REQUEST_BYTES_MAX = 128 * 1024  # a checkpoint with many signatures, and 63 hashes
ANSWER_BYTES_MAX = 64 * 1024
SIZE_TYPE = "text/x.tlog.size"  # of the answer that says which size was signed last
_OLD = "old "


class NotWitnessed(Exception):
    """The answer to a request that is refused.

    ``status``: of HTTP, as the specification says; ``size``: with 409, that of the last checkpoint signed;
    ``misled``: the log has signed what does not go with that checkpoint: both are evidence.
    """

    def __init__(self, status: int, reason: str, size: int | None = None, *, misled: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.size = size
        self.misled = misled


@dataclass(frozen=True, slots=True)
class Request:
    """``old``: the size that the witness signed last, as the log believes; ``path``: on from there."""

    old: int
    path: tuple[bytes, ...]
    checkpoint: str

    def __str__(self) -> str:
        lines = [f"{_OLD}{self.old}", *(base64.b64encode(one).decode() for one in self.path), ""]
        return "\n".join(lines) + "\n" + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> "Request":
        """Raises NotWitnessed (400)."""
        try:
            head, blank, checkpoint = data.decode("utf-8").partition("\n\n")
            first, *hashes = head.split("\n")
            path = tuple(map(from_base64, hashes))
            if not blank or not first.startswith(_OLD) or len(path) > PATH_MAX:
                raise NoteBroken("not such a request")
            if any(len(one) != HASH_BYTES for one in path):
                raise NoteBroken("not a path")
            return cls(decimal(first.removeprefix(_OLD)), path, checkpoint)
        except (NoteBroken, UnicodeDecodeError) as error:
            raise NotWitnessed(400, "this is no request to a witness") from error


def origin_of(request: Request) -> str:
    """Which log the checkpoint says it is of; its signature is not looked at. Raises NotWitnessed (400)."""
    try:
        return Checkpoint.of_text(parse(request.checkpoint.encode()).text).origin
    except NoteBroken as error:
        raise NotWitnessed(400, "there is no checkpoint in the request") from error


def judged(
    request: Request, logs: Mapping[str, Verifier], last: Checkpoint | None
) -> tuple[Checkpoint, Note]:
    """The checkpoint, if it may be signed.

    Args:
        logs: known logs' keys by origin.
        last: what was signed last for this origin.

    Raises:
        NotWitnessed: in the order of the specification.
    """
    origin = origin_of(request)
    if origin not in logs:
        raise NotWitnessed(404, "this log is not known here")
    try:
        head, note = checkpoints.opened(request.checkpoint.encode(), [logs[origin]])
    except NoteBroken as error:
        raise NotWitnessed(403, "the checkpoint is not signed by that log") from error
    _compare(request, head, last or Checkpoint(origin, 0, EMPTY_ROOT))
    return head, note


def _compare(request: Request, head: Checkpoint, last: Checkpoint) -> None:
    """That one continues the other. Whatever is refused here was signed by the log."""
    forked = head.size == last.size and head.root != last.root
    if request.old > head.size:
        raise NotWitnessed(400, "the old size is larger than the new", misled=head.size < last.size)
    if request.old != last.size:
        misled = head.size < last.size or forked
        raise NotWitnessed(409, "another size was signed last", last.size, misled=misled)
    try:
        check_consistency(last.size, last.root, head.size, head.root, request.path)
    except ProofBroken as error:
        raise NotWitnessed(422, f"not proven to continue what was signed: {error}", misled=True) from error


def signatures_in(answer: bytes) -> Sequence[Signature]:
    """The signature lines of a witness's answer, none of them checked. Raises NoteBroken."""
    if len(answer) > ANSWER_BYTES_MAX:
        raise NoteBroken("the answer is too long")
    try:
        lines = answer.decode("utf-8").removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise NoteBroken("the answer is not UTF-8") from error
    return [signature_of(line) for line in lines]
