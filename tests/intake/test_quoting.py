"""What somebody wrote, without the signature below it."""

import pytest

from goodstanding.intake.quoting import split_signature


@pytest.mark.parametrize(
    ("text", "own", "signature"),
    [
        ("Words.\n\n-- \nLi\nLamps Ltd", "Words.", "--\nLi\nLamps Ltd"),
        ("Words.\n\nSent from my iPhone", "Words.", "Sent from my iPhone"),
        ("文字。\n\n发自我的 iPhone", "文字。", "发自我的 iPhone"),
        ("Words.\n--\n" + "line\n" * 20 + "end", "Words.\n--\n" + "line\n" * 20 + "end", ""),
        ("Just words -- with a dash", "Just words -- with a dash", ""),
        ("", "", ""),
    ],
)
def test_a_signature_is_told_from_what_was_written(text: str, own: str, signature: str) -> None:
    assert split_signature(text) == (own, signature)
