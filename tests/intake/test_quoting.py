"""What somebody wrote, without the signature and the quotes below it."""

import pytest

from goodstanding.intake.quoting import split_quoted, split_signature


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


@pytest.mark.parametrize(
    ("text", "own", "quoted"),
    [
        (
            "Words.\n\nFrom: a@b.example\nTo: c@d.example\nSubject: Your account\n\nOld.",
            "Words.",
            "From: a@b.example\nTo: c@d.example\nSubject: Your account\n\nOld.",
        ),
        ("The parcel went\nFrom: Reno\nTo: Boise\nin two days.", "The parcel went\nFrom: Reno\nTo: Boise\nin two days.", ""),
    ],
)
def test_three_fields_of_a_mail_in_a_row_begin_a_quote_and_two_are_words(text: str, own: str, quoted: str) -> None:
    assert split_quoted(text) == (own, quoted)
