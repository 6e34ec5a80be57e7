"""Faults injected for real: each program counts what was acknowledged, stored, lost, doubled, changed.

Long runs by hand (`python -m tests.faults.kills --rounds 200`), short ones with the tests; what a long
run found is in docs/performance.
"""
