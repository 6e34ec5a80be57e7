"""What OpenAPI says of the API's requests and answers."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from surveyapp.submissions.envelope_schema import EnvelopeSchema, Moment
from surveyapp.submissions.verdicts import Status


class BatchSchema(Schema):
    """Filled questionnaires, and what the device's clock shows while it sends them."""

    device_time = Moment(allow_none=True)
    submissions = fields.List(fields.Nested(EnvelopeSchema), required=True)


class AnswerErrorSchema(Schema):
    """One thing wrong with a submission, in the submission's language."""

    path = fields.String(metadata={"description": "the answer's node, e.g. `child[2]/c_age`"})
    code = fields.String()
    message = fields.String()


class HeldSchema(Schema):
    """What the server holds, signed."""

    receipt = fields.String(
        allow_none=True, metadata={"description": "JWS: the server holds the answers"}
    )
    receipt_code = fields.String(allow_none=True, metadata={"description": "the same for people"})
    missing_attachments = fields.List(
        fields.String(), metadata={"description": "SHA-256 of the files that are still to come"}
    )
    complete = fields.String(
        allow_none=True,
        metadata={"description": "JWS: every attachment is held too, the device may delete"},
    )


class KnownSchema(HeldSchema):
    """What is known of one submission."""

    id = fields.String(allow_none=True)
    revision = fields.Integer(allow_none=True)
    errors = fields.List(fields.Nested(AnswerErrorSchema))


class ResultSchema(KnownSchema):
    """The verdict on one submission."""

    status = fields.Enum(Status, by_value=True)


class BatchResultSchema(Schema):
    """One verdict for each submission, in their order."""

    server_time = fields.AwareDateTime(format="iso")
    results = fields.List(fields.Nested(ResultSchema))


class WaitingSchema(HeldSchema):
    """Work under this id that waits in quarantine."""

    reason = fields.String()
    received_at = fields.AwareDateTime(format="iso")


class SubmissionSchema(KnownSchema):
    """What is held under an id; `status` is that of the submission, or `quarantined`."""

    status = fields.String()
    questionnaire = fields.String(allow_none=True)
    version = fields.String(allow_none=True)
    received_at = fields.AwareDateTime(format="iso", allow_none=True)
    flags = fields.List(fields.String())
    quarantined = fields.List(fields.Nested(WaitingSchema))


class MissingSchema(Schema):
    """What is still to come under an id."""

    id = fields.String()
    missing_attachments = fields.List(
        fields.String(), metadata={"description": "SHA-256 of the files that are still to come"}
    )
    complete = fields.String(allow_none=True)
    quarantined = fields.List(fields.Nested(WaitingSchema))


class FileRecordSchema(Schema):
    """What is known of a file of a submission."""

    sha256 = fields.String(allow_none=True, metadata={"description": "of its bytes as they were sent"})
    name = fields.String(metadata={"description": "empty where it may point at a person"})
    revisions = fields.List(fields.Integer(), metadata={"description": "that name it"})
    size = fields.Integer(allow_none=True)
    type = fields.String(allow_none=True, metadata={"description": "as its sender said"})
    kind = fields.String(allow_none=True, metadata={"description": "media type by its content"})
    fault = fields.String(
        allow_none=True,
        metadata={
            "description": "`wrong_kind`, `too_large`, `damaged` or `not_cleaned`; kept all the same"
        },
    )
    is_held = fields.Boolean()
    is_named = fields.Boolean(metadata={"description": "whether an answer names it"})


class FilesSchema(Schema):
    """The files of a submission."""

    attachments = fields.List(fields.Nested(FileRecordSchema))


class OfferSchema(Schema):
    """A questionnaire in the version that is to be used now."""

    id = fields.String()
    version = fields.String()
    title = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata={"description": "by language"}
    )
    languages = fields.List(fields.String())
    default_language = fields.String()
    access = fields.String()
    hash = fields.String(metadata={"description": "SHA-256 of the XForm"})
    url = fields.String()


class OffersSchema(Schema):
    """The questionnaires that the caller may fill."""

    questionnaires = fields.List(fields.Nested(OfferSchema))


class ParameterSchema(Schema):
    """A parameter that is wrong."""

    name = fields.String()
    detail = fields.String()


class ProblemSchema(Schema):
    """A problem document (RFC 9457)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    code = fields.String()
    parameters = fields.List(fields.Nested(ParameterSchema))


class ChangedSchema(Schema):
    """A submission as it is now; of one that is gone nothing but its first three fields."""

    id = fields.String()
    revision = fields.Integer()
    state = fields.String(
        metadata={
            "description": "stored, accepted, returned, rejected, deleted or erased; or moved, to a "
            "region that the token's holder does not see"
        }
    )
    questionnaire = fields.String()
    version = fields.String()
    language = fields.String()
    channel = fields.String()
    flags = fields.List(fields.String())
    synthetic = fields.Boolean()
    started_at = fields.AwareDateTime(format="iso", allow_none=True)
    finished_at = fields.AwareDateTime(format="iso", allow_none=True)
    utc_offset = fields.Integer(
        allow_none=True, metadata={"description": "minutes; wall time = finished_at + utc_offset"}
    )
    received_at = fields.AwareDateTime(format="iso")
    first_received_at = fields.AwareDateTime(format="iso")
    answers = fields.Dict(
        metadata={"description": "without what points at a person and what is sensitive"}
    )


class ExportJobSchema(Schema):
    """A file that is prepared: how far it is, and where it is fetched once it is `done`."""

    id = fields.UUID()
    questionnaire = fields.String()
    state = fields.String(
        metadata={"description": "waiting, running, done, failed, cancelled or expired"}
    )
    failure = fields.String(
        allow_none=True, metadata={"description": "rights, refused, given_up or broken"}
    )
    done = fields.Integer(metadata={"description": "submissions that are written"})
    total = fields.Integer(metadata={"description": "how many there will be"})
    name = fields.String(allow_none=True)
    size = fields.Integer(allow_none=True)
    sha256 = fields.String(allow_none=True)
    expires_at = fields.AwareDateTime(format="iso", allow_none=True)
    file = fields.String(allow_none=True, metadata={"description": "address of the file"})


class ChangesSchema(Schema):
    """A page of changes."""

    submissions = fields.List(fields.Nested(ChangedSchema))
    cursor = fields.String(metadata={"description": "opaque; what to send as `since` next"})
    more = fields.Boolean(metadata={"description": "whether there is more already"})


class RevisionSchema(HeldSchema):
    """One revision of a submission."""

    revision = fields.Integer()
    cause = fields.String(metadata={"description": "sent, edited, decided, corrected or erased"})
    version = fields.String()
    language = fields.String()
    channel = fields.String()
    flags = fields.List(fields.String())
    finished_at = fields.AwareDateTime(format="iso", allow_none=True)
    received_at = fields.AwareDateTime(format="iso")
    by_caller = fields.Boolean(metadata={"description": "whether the caller sent it"})


class RevisionsSchema(Schema):
    """All revisions of a submission, oldest first."""

    revisions = fields.List(fields.Nested(RevisionSchema))


class StartSchema(Schema):
    """What is going to be sent."""

    questionnaire = fields.String(required=True, validate=validate.Length(min=1, max=100))


class StartedSchema(Schema):
    """By what it is sent, and for whose eyes."""

    token = fields.String()
    sealing_key = fields.Dict(metadata={"description": "a JSON Web Key to encrypt records to"})


class EnrolmentSchema(Schema):
    """A one-time code, in any spelling of its letters."""

    code = fields.String(required=True, validate=validate.Length(min=1, max=100))
    retry_key = fields.String(
        allow_none=True,
        validate=validate.Regexp(r"[!-~]{16,128}\Z"),
        metadata={
            "description": "random text that the phone makes up and keeps until it has the answer: "
            "within a day, the same code with it gives the same answer"
        },
    )


class DeviceSchema(Schema):
    """A device as it knows itself."""

    id = fields.Integer()
    name = fields.String()
    language = fields.String()
    questionnaires = fields.List(
        fields.String(), allow_none=True, metadata={"description": "those it may fill in; null: all"}
    )


class RedeemedSchema(Schema):
    """The device that the code was for, and its token, which is told this once."""

    token = fields.String(metadata={"description": "to be sent as `Authorization: Bearer …`"})
    device = fields.Nested(DeviceSchema)


class KnownDeviceSchema(DeviceSchema):
    """A device, and whether it may still work."""

    revoked_at = fields.AwareDateTime(format="iso", allow_none=True)
    may_send_until = fields.AwareDateTime(
        format="iso",
        allow_none=True,
        metadata={"description": "until when a revoked device's work is still taken, to quarantine"},
    )


class DeviceSettingsSchema(Schema):
    """What a device must keep to: settings of the server, by their names."""

    demonstration = fields.Boolean()
    operator = fields.String()
    operator_contact = fields.String()
    max_batch = fields.Integer()
    max_request_bytes = fields.Integer()
    max_attachments = fields.Integer()
    max_upload_bytes = fields.Integer()
    sealing_key = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "JSON Web Key (P-256) to encrypt an item to: `{id, sealed}`"},
    )


class RetiredSchema(Schema):
    """A version with which nothing new is to be begun; what was begun with it stays valid."""

    questionnaire = fields.String()
    version = fields.String()


class ToldSchema(Schema):
    """A submission of the caller's as it is now."""

    id = fields.String()
    questionnaire = fields.String()
    version = fields.String()
    revision = fields.Integer()
    state = fields.String(
        metadata={"description": "stored, accepted, returned, rejected, deleted or erased"}
    )
    returned_at = fields.AwareDateTime(format="iso", allow_none=True)
    comments = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        allow_none=True,
        metadata={
            "description": "the reviewer's, by the answer's node; under an empty name: on all of it"
        },
    )


class AssignmentSchema(Schema):
    """A household or site that the caller is to visit; a record names it as its `assignment`."""

    id = fields.String()
    questionnaire = fields.String()
    region = fields.String(allow_none=True)
    due = fields.Date(allow_none=True, metadata={"description": "the last day for it"})
    state = fields.String(
        metadata={
            "description": "open; done: a record that names it is stored; cancelled: it was withdrawn"
        }
    )
    submission = fields.String(allow_none=True, metadata={"description": "the submission that did it"})
    label = fields.String(
        allow_none=True, metadata={"description": "what to go to; not of a withdrawn one"}
    )
    answers = fields.Dict(
        keys=fields.String(),
        metadata={
            "description": "what is known beforehand, by node path (`child[2]/c_age`), of an open one: "
            "to be put into a new interview, and to be looked over there"
        },
    )


class InboxSchema(Schema):
    """What a device must know."""

    device = fields.Nested(
        KnownDeviceSchema, allow_none=True, metadata={"description": "null: a person's token"}
    )
    settings = fields.Nested(DeviceSettingsSchema)
    questionnaires = fields.List(
        fields.Nested(OfferSchema), metadata={"description": "those that may be begun now"}
    )
    retired = fields.List(fields.Nested(RetiredSchema))
    submissions = fields.List(fields.Nested(ToldSchema))
    assignments = fields.List(
        fields.Nested(AssignmentSchema),
        metadata={
            "description": "visits of the caller's: without `since` those that are open and those done "
            "in the last two weeks, all in the first answer; with it those that changed, withdrawn ones "
            "too. ODK Collect asks no inbox and is given none"
        },
    )
    cursor = fields.String(
        allow_none=True, metadata={"description": "opaque; what to send as `since` next"}
    )
    more = fields.Boolean(metadata={"description": "whether there is more already"})
