"""One's own account, and what an administrator sees of others', over the wire."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from bingjian.api.schemas import In, Language, Name, OneTimeCode, Out, PersonRow, RefusalOut, Secret


class OpenSessionOut(Out):
    id: UUID
    device: Literal["desktop", "phone", "command_line"]
    address: str = Field(description="Where it was opened")
    created_at: datetime
    seen_at: datetime = Field(description="The last request, to the minute")
    expires_at: datetime
    is_this: bool = Field(default=False, description="The one that asks")


class SecondFactorOut(Out):
    mode: Literal["off", "optional", "required"] = Field(description="As the platform is set")
    is_required: bool = Field(description="Of this person's roles")
    enrolled_at: datetime | None
    recovery_codes_left: int


class AccountOut(Out):
    """What a person sees of their own account."""

    second_factor: SecondFactorOut
    sessions: list[OpenSessionOut]


class PasswordIn(In):
    password: Secret = Field(description="The one that holds")
    new_password: Secret


class PasswordAgainIn(In):
    password: Secret


class EnrolmentOut(Out):
    secret: str = Field(description="Base 32, to be typed; shown this once")
    uri: str = Field(description="otpauth://…, to be shown as a QR code")
    expires: datetime = Field(description="The first code must come before")


class FirstCodeIn(In):
    code: OneTimeCode


class FactorEndIn(In):
    password: Secret
    code: OneTimeCode = Field(description="Of the authenticator, or a recovery code")


class RecoveryCodesOut(Out):
    codes: list[str] = Field(description="Shown this once; each signs in once")


class TrainingOut(Out):
    """One kind of training that the law asks of posts of watch and management."""

    kind: str
    zh: str
    en: str
    valid_until: datetime | None = Field(description="First instant after it; null: never passed")
    is_valid: bool


class PersonDetail(PersonRow):
    second_factor: SecondFactorOut
    sessions: list[OpenSessionOut]
    training: list[TrainingOut]
    untrained: list[RefusalOut] = Field(description="What the person's posts still want (R25.3)")


class FirstOut(Out):
    is_awaited: bool = Field(description="There is nobody yet: the first administrator may come")


class FirstCodeOut(Out):
    code: str
    expires: datetime


class FirstIn(In):
    code: OneTimeCode
    name: Name
    password: Secret
    language: Language = "zh"
