"""Users, roles, tokens, invitations, the audit log, and who may open which route."""

from __future__ import annotations

from surveyapp.lean import load_flask_security

load_flask_security()
