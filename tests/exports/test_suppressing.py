"""Small counts: none is shown, and none can be reckoned out of what is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from surveyapp.exports.suppressing import joined, suppressed_line, suppressed_table

K = 5
TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 30), min_size=width, max_size=width), min_size=2, max_size=5
    )
)


def test_a_single_small_count_takes_another_with_it() -> None:
    assert suppressed_line([40, 3, 20], K) == [40, None, None]
    assert suppressed_line([40, 0, 20], K) == [40, 0, 20]
    assert suppressed_line([2, 4, 20], K) == [None, None, 20]
    assert suppressed_line([2, 2, 20, 30], K) == [None, None, None, 30]


@given(TABLES)
def test_no_line_gives_a_small_count_away(rows: list[list[int]]) -> None:
    shown = suppressed_table(rows, [False] * len(rows), K)
    for line, told in [
        *zip(rows, shown, strict=True),
        *zip(zip(*rows, strict=True), zip(*shown, strict=True), strict=True),
    ]:
        assert all(count == 0 or count >= K for count in told if count is not None)
        hidden = [count for count, each in zip(line, told, strict=True) if each is None]
        others = [each for each in told if each]
        # the sum of a line is shown: what is missing must be several, and K together, unless nothing else is there
        assert not hidden or (len(hidden) > 1 and sum(hidden) >= K) or not others


@given(TABLES)
def test_a_hidden_total_cannot_be_added_up(rows: list[list[int]]) -> None:
    shown = suppressed_table(rows, [True] * len(rows), K)
    for line, told in zip(rows, shown, strict=True):
        assert None in told or not sum(line)


@given(st.dictionaries(st.text("abcd", min_size=1, max_size=2), st.integers(0, 40), max_size=8))
def test_groups_that_are_shown_have_k_each_and_so_have_the_others(sizes: dict[str, int]) -> None:
    found = joined(sizes, K)
    assert all(sizes[group] >= K for group in found.alone)
    if found.others:
        assert len(found.others) > 1
        assert sum(sizes[group] for group in found.others) >= K
