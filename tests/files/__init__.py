"""Tests of what files are, and of the places in them."""
