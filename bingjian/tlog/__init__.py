"""The transparency log as values: RFC 6962 trees in the text and file formats of C2SP."""
