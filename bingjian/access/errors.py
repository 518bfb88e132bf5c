"""What can go wrong in access, one class each."""


class AccessError(Exception):
    """Base of this part's errors."""


class NotSignedIn(AccessError):
    """No session, or one that has ended."""


class WrongCredentials(AccessError):
    """Name or password is wrong; which of the two is never said."""


class SecondFactorNeeded(AccessError):
    """Name and password are right; the account wants a code as well."""


class WrongCode(AccessError):
    """No code of now, or one that has been used."""


class WrongFirstCode(AccessError):
    """Not a code of the authenticator that is being set up."""


class WrongPassword(AccessError):
    """Somebody who is signed in was asked for the password anew."""


class SecondFactorRequired(AccessError):
    """A role of this person needs a second factor, and there is none yet."""


class SecondFactorKept(AccessError):
    """A role of this person needs a second factor: it is replaced, not given up."""


class WrongCodeAgain(AccessError):
    """Somebody who is signed in was asked for a code, and gave none of now."""


class NoEnrolment(AccessError):
    """No authenticator waits for its first code."""


class NoSuchSession(AccessError):
    """No open session with this id."""


class SomebodyIsThere(AccessError):
    """The platform has people: the first administrator has been, or is not needed."""


class SignInLocked(AccessError):
    """Too many failures from here for this account."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"too many failed sign-ins; try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class ProviderAway(AccessError):
    """The city's identity provider does not answer, or not as one; ``is_news``: it was asked just now."""

    def __init__(self, reason: str, *, is_news: bool = True) -> None:
        super().__init__(reason)
        self.is_news = is_news


class NoProvider(AccessError):
    """The platform is not set to take sign-ins from an identity provider."""


class ProviderRefused(AccessError):
    """A sign-in by the identity provider that is not taken; ``why`` is one word for the journal."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class SignInLost(ProviderRefused):
    """Not begun in this browser, too long ago, or used already."""


class DeniedThere(ProviderRefused):
    """The provider says that it did not sign the person in."""


class AnswerNotGenuine(ProviderRefused):
    """What came as the provider's answer is not its answer to what we asked."""


class NobodyBound(ProviderRefused):
    """The provider knows the person, but no open account here is bound to them."""


class SubjectTaken(AccessError):
    """Another account is bound to this person of the identity provider."""


class NameTaken(AccessError):
    """Another person has this name."""


class NoSuchPerson(AccessError):
    """No person with this id or name."""


class NoSuchGrant(AccessError):
    """No grant with this id, or none of this person's."""


class TooManyRows(AccessError):
    """More looks than a paper should have; carries one plain sentence."""


class RolesForbidden(AccessError):
    """These roles may not be held by one person (R27.4)."""


class PasswordTooShort(AccessError):
    """Shorter than ``PASSWORD_MIN`` characters."""


class OutOfReach(AccessError):
    """No such camera, or none where this person's roles reach: for them that is the same (R27.3)."""


class CamerasElsewhere(AccessError):
    """What is to be done concerns cameras where this person's roles do not reach; it is not said which."""


class DeviceNotMasked(AccessError):
    """The camera is shown masked, and what its device has stored cannot be masked here (R6.2)."""


class DeviceTimeUncertain(AccessError):
    """A grant bounds what may be seen, and nothing proves the times of a device's own footage (R22.8)."""
