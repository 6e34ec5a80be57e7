"""Administrators' pages under `/manage`."""
