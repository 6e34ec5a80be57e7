"""Users, roles, tokens, invitations, the audit log, and who may open which route."""
