"""What can go wrong with documents, one class each."""

from uuid import UUID


class DocumentsError(Exception):
    """Base of this part's errors; carries one plain sentence."""


class NoSuchDocument(DocumentsError):
    """Nothing with this id that the person may know of: what lies outside their areas does not exist."""


class FieldNotAccepted(DocumentsError):
    """A description that does not hold; carries the field."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field


class DocumentsMissing(FieldNotAccepted):
    """A field names documents that are not there; carries their ids."""

    def __init__(self, field: str, documents: tuple[UUID, ...]) -> None:
        super().__init__(field, f"no such document: {', '.join(map(str, documents))}")
        self.documents = documents


class StoreUnavailable(DocumentsError):
    """Bytes could not be written or read: the disk is full or gone."""


class FileNotAccepted(DocumentsError):
    """Base: the file is refused for what is in it."""


class FileTooLarge(FileNotAccepted):
    """More bytes than one document may have."""


class UnknownFile(FileNotAccepted):
    """Of none of the types that are kept."""


class BrokenFile(FileNotAccepted):
    """Of a known type, but not whole or not as that type is written."""


class ActiveFile(FileNotAccepted):
    """Holds something that runs, reaches outside, or carries other files."""


class EncryptedFile(FileNotAccepted):
    """Cannot be looked into."""


class SwollenFile(FileNotAccepted):
    """Unpacks to far more than it is."""
