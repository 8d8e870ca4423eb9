"""Points of a part, so that a file can be attached to the one it proves (requirement F5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goodstanding.core.appeals.plan import part_and_point, place_of, points_of


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("We refunded 12 buyers.", ("We refunded 12 buyers.",)),
        ("- One.\n- Two,\n  and more.\n- Three.", ("- One.", "- Two,\n  and more.", "- Three.")),
        ("We did this:\r\n1. One.\r\n2. Two.", ("We did this:", "1. One.", "2. Two.")),
        ("一、已退款。\n二、已下架。", ("一、已退款。", "二、已下架。")),
        ("First paragraph.\n\nSecond one,\ngoing on.", ("First paragraph.", "Second one,\ngoing on.")),
        ("\n \n", ()),
        ("On 3 May\n- one item only", ("On 3 May\n- one item only",)),
    ],
)
def test_a_part_falls_into_the_points_that_its_writer_made(text: str, points: tuple[str, ...]) -> None:
    assert points_of(text) == points


@given(st.text(alphabet="ab .-\n1二、", max_size=80))
def test_no_word_of_a_part_is_lost_between_its_points(text: str) -> None:
    assert "".join("".join(points_of(text)).split()) == "".join(text.split())


def test_a_place_names_a_part_or_one_point_of_it() -> None:
    assert [part_and_point(place_of("corrective", point)) for point in (0, 2)] == [("corrective", 0), ("corrective", 2)]
    assert part_and_point("answer:x") == ("answer", 0)
