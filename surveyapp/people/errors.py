"""Why something cannot be done to an account, in words for whoever sits at the command line."""

from __future__ import annotations


class PeopleError(Exception):
    """Something that cannot be done to an account, a token or an invitation."""


class BadName(PeopleError):
    """The name cannot be an account's."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}” cannot be a user's name: two to 64 letters, digits and . _ - @ between them"
        )


class NameTaken(PeopleError):
    """Somebody has this name already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is a user “{name}” already")


class UnknownUser(PeopleError):
    """Nobody has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no user “{name}”")


class UnknownToken(PeopleError):
    """No token has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no token {number}")


class BadPassword(PeopleError):
    """The password is too short or too simple; the reasons are the message."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("; ".join(reasons))


class BadDeviceName(PeopleError):
    """The name cannot be a device's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” cannot be a device's name: one to 100 letters, digits and signs")


class UnknownDevice(PeopleError):
    """No device has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no device {number}")


class RevokedDevice(PeopleError):
    """The device was revoked: it gets no further code."""

    def __init__(self, number: int) -> None:
        super().__init__(f"device {number} is revoked; enrol the phone as a new device")


class LastAdministrator(PeopleError):
    """Nobody would be left who can give rights."""

    def __init__(self) -> None:
        super().__init__("nobody would be left who can give people their rights")


class BadGrant(PeopleError):
    """No questionnaire or region can have this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"“{name}” is no questionnaire and no region")


class NoSuchGrant(PeopleError):
    """The person does not hold this."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} does not have this role there")


class BadLink(PeopleError):
    """The link is wrong, used, replaced or too old: nobody is told which."""

    def __init__(self) -> None:
        super().__init__("the link is not valid any more")


class NotForOneself(PeopleError):
    """What somebody wants to do to their own account is another administrator's to do."""

    def __init__(self) -> None:
        super().__init__("nobody does this to their own account")


class Deactivated(PeopleError):
    """The account is not active."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is deactivated; activate the account first")


class LastFactor(PeopleError):
    """Somebody who needs a second factor would be left without one."""

    def __init__(self) -> None:
        super().__init__("this account needs a second factor, and has no other")


class BadPasskey(PeopleError):
    """What the browser sent is no answer to what it was asked."""

    def __init__(self) -> None:
        super().__init__("this is no answer of a passkey to what was asked")


class KnownPasskey(PeopleError):
    """The passkey is registered already."""

    def __init__(self) -> None:
        super().__init__("this passkey is registered already")


class TooManyPasskeys(PeopleError):
    """The account has as many as one can have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"an account has {most} passkeys at most")


class BadOutsideAccount(PeopleError):
    """No provider names an account so."""

    def __init__(self) -> None:
        super().__init__("a subject has one to 255 letters, digits and signs")


class OutsideAccountTaken(PeopleError):
    """The account at the provider is linked with somebody already."""

    def __init__(self) -> None:
        super().__init__("this account at the provider is linked already")
