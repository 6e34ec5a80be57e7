"""Exports: one reader of submissions, many writers."""
