"""ODK Collect and every other OpenRosa client: forms out, filled instances in (docs/decisions/0016)."""
