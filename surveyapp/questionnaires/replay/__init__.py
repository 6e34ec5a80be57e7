"""Interviews driven by steps, one JSON object a line, and shown whole: to compare engines and forms.

`session.Session` understands the steps (docs/replay.md) and writes the replies; `engine.Engine` is what
it asks of an interview, whichever program computes it; `python.PythonEngine` is ours on the server.
"""
