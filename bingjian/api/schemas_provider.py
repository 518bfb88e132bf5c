"""Sign-in by the city's identity provider, over the wire."""

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from bingjian.api.schemas import In, OneTimeCode, Out, SessionOut, encodable

ANSWER_MAX = 2048  # characters of a code or state; providers' own are tens to hundreds
Text = Annotated[str, StringConstraints(max_length=ANSWER_MAX)]


class ProviderOut(Out):
    is_set: bool = Field(description="Whether the sign-in page offers it")
    label: str | None = Field(default=None, description="On the button; null: the page's own words")


class BegunOut(Out):
    address: str = Field(description="Where the browser goes now")


class AnswerIn(In):
    """What the identity provider sent the browser back with."""

    state: Text
    code: Annotated[SecretStr, Field(max_length=ANSWER_MAX), AfterValidator(encodable)] | None = None
    error: Text | None = None
    iss: Text | None = Field(default=None, description="Who answers (RFC 9207)")


class ArrivedOut(Out):
    session: SessionOut | None = Field(description="Null: the code of the second factor is wanted as well")


class CodeIn(In):
    code: OneTimeCode
