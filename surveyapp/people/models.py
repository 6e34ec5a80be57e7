"""Tables of people: accounts, roles, API tokens, invitations, counted attempts and the audit log."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from surveyapp.database import Base, utc_now
from surveyapp.lean import signs_in

if TYPE_CHECKING or signs_in():
    from flask_security.core import RoleMixin, UserMixin
else:

    class RoleMixin:
        """A role of which nothing is asked."""

    class UserMixin:
        """Somebody who does not sign in here."""


#: in a grant: every questionnaire, every region. Not NULL, which would be unequal to itself
ALL = ""


class Role(Base, RoleMixin):
    """A set of rights (`administrator`, `interviewer` …)."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None]


class Grant(Base):
    """A role that somebody has: for one questionnaire or `ALL`, for one region's code or `ALL`."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("user_id", "role_id", "questionnaire", "region"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"))
    questionnaire: Mapped[str] = mapped_column(default=ALL)
    region: Mapped[str] = mapped_column(default=ALL)
    role: Mapped[Role] = relationship(lazy="joined")


class User(Base, UserMixin):
    """Somebody with an account; signs in under a name, not an e-mail address."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(unique=True)  # type: ignore[assignment]  # nobody needs one here
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str | None]
    #: password of ODK Collect, made for this alone and sealed: Digest needs to know it
    collect_password_sealed: Mapped[bytes | None]
    #: secret of the authenticator app, sealed
    totp_sealed: Mapped[bytes | None]
    #: time step of the code that was last used: it and earlier ones are not taken again
    totp_counter: Mapped[int | None] = mapped_column(BigInteger)
    #: since when there is a second factor, of whatever kind; asked with every request
    second_factor_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: to a few minutes
    seen_at: Mapped[datetime | None]
    grants: Mapped[list[Grant]] = relationship(
        lazy="selectin", cascade="all, delete-orphan", order_by=Grant.id
    )
    tokens: Mapped[list[ApiToken]] = relationship(back_populates="user", order_by="ApiToken.id")

    @property
    def roles(self) -> list[Role]:  # type: ignore[override]  # Flask-Security reads it, nothing sets it
        """The roles held anywhere; what they give, and where, is told by `rights`."""
        return list(dict.fromkeys(grant.role for grant in self.grants))


class SignIn(Base):
    """One session that is not over: a browser in which somebody is signed in."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    #: SHA-256 of the random word in the cookie
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    begun_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: to a few minutes
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: the address, shortened so that it names a network and nobody in it
    network: Mapped[str]
    #: such as `Chrome, Android`; empty: it does not say
    browser: Mapped[str]


class AccountLink(Base):
    """A one-time link by which somebody chooses a password; only its keyed hash is kept."""

    __tablename__ = "account_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    #: `invitation` (nobody has been in the account yet) or `reset`
    purpose: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    #: empty: made on the command line
    made_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code that stands in for a second factor once; only its keyed hash is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    code_hash: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    used_at: Mapped[datetime | None]


class Passkey(Base):
    """A key pair (WebAuthn) whose private half stays in somebody's phone, computer or security key."""

    __tablename__ = "passkey"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    #: what its owner calls it
    name: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    #: COSE, as it came
    public_key: Mapped[bytes]
    #: how often it says it was used; 0 with those that do not count
    sign_count: Mapped[int] = mapped_column(BigInteger)
    #: how the browser reaches it: `internal`, `usb` …
    transports: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    used_at: Mapped[datetime | None]


class OutsideAccount(Base):
    """Whom a provider of single sign-on means by (issuer, subject) among our people."""

    __tablename__ = "outside_account"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ApiToken(Base):
    """A bearer token; only its SHA-256 is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    #: its first letters, by which people tell their tokens apart; older ones have none
    beginning: Mapped[str | None]
    #: what it may do: `submit`, `export` …
    scopes: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    #: the last day on which it was good for something, in the time zone of the settings
    used_on: Mapped[date | None]
    user: Mapped[User] = relationship(back_populates="tokens", lazy="joined")


class Device(Base):
    """A field phone, and how it was when it was last heard of."""

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    #: whose it is, if that person has an account
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    #: language of what it is told: ODK Collect does not say which it wants
    language: Mapped[str] = mapped_column(default="kk")
    #: ids of the questionnaires it may fill in; empty: all
    questionnaires: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    revoked_at: Mapped[datetime | None]

    seen_at: Mapped[datetime | None]
    app: Mapped[str | None]
    #: what the app calls the phone that it is on: another one, and the key is on two phones
    installation: Mapped[str | None]
    #: submissions that it holds and has not sent
    unsent: Mapped[int | None]
    #: when the oldest of these was finished
    oldest_unsent_at: Mapped[datetime | None]
    #: bytes
    free_storage: Mapped[int | None] = mapped_column(BigInteger)
    #: percent
    battery: Mapped[int | None]
    #: seconds; positive: it is ahead of the server
    clock_skew: Mapped[int | None] = mapped_column(BigInteger)
    #: when that was measured
    clock_skew_at: Mapped[datetime | None]


class DeviceDay(Base):
    """How a device was on a day on which it was heard of: what it last told on that day."""

    __tablename__ = "device_day"

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"), primary_key=True)
    #: in the time zone of the settings
    day: Mapped[date] = mapped_column(primary_key=True)
    #: a row for each phone that shows this device's key; empty: it does not say
    installation: Mapped[str] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
    app: Mapped[str | None]
    unsent: Mapped[int | None]
    oldest_unsent_at: Mapped[datetime | None]
    free_storage: Mapped[int | None] = mapped_column(BigInteger)
    battery: Mapped[int | None]
    clock_skew: Mapped[int | None] = mapped_column(BigInteger)


class DeviceKey(Base):
    """A secret that a device shows; only its SHA-256 is kept."""

    __tablename__ = "device_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"), index=True)
    #: what it is for: `openrosa` (in the address) or `api` (a bearer token)
    purpose: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    revoked_at: Mapped[datetime | None]


class Enrolment(Base):
    """A one-time code that gives a device its key; only its keyed hash is kept."""

    __tablename__ = "enrolment"

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    #: keyed hash of what the phone made up, by which it is told when the answer was lost
    retry_hash: Mapped[bytes | None]


class InvitationBatch(Base):
    """Codes that were made together, for one occasion: named, counted, revoked together."""

    __tablename__ = "invitation_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire: Mapped[str] = mapped_column(index=True)
    label: Mapped[str]
    count: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Invitation(Base):
    """A single-use code; only its keyed hash is kept, and nothing links it to the answers."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    questionnaire: Mapped[str] = mapped_column(index=True)
    code_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime | None]
    #: the day only, at midnight UTC: an exact time would tie the code to a submission
    used_at: Mapped[datetime | None]
    #: None: made for a demonstration, or before there were batches
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("invitation_batch.id"), index=True)


class Attempt(Base):
    """One failed try at something that guards people (a sign-in, a code); forgotten after a day."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_bucket_at", "bucket", "at"),)

    serial: Mapped[int] = mapped_column(primary_key=True)
    #: keyed hash of the limit's name and of what is counted: a name, an address, a browser
    bucket: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(index=True)


class AuditEntry(Base):
    """Who did what to what; append-only, without answers."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_action_serial", "action", "serial"),
        Index("ix_audit_entry_user_id_serial", "user_id", "serial"),
        Index("ix_audit_entry_subject_serial", "subject", "serial"),
    )

    serial: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    #: empty: done on the command line
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    address: Mapped[str | None]


class AuditLink(Base):
    """One link of the audit log's chain (`audit_chain`)."""

    __tablename__ = "audit_link"

    #: from 1, without gaps, in the order of committing
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    serial: Mapped[int] = mapped_column(ForeignKey("audit_entry.serial"), unique=True)
    #: HMAC-SHA-256 of the link before and of the entry
    link: Mapped[bytes]
