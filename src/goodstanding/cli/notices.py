"""A notice as `check` and `draft` take it: what it asks the plan to answer."""

from pathlib import Path

from goodstanding.cli.check import Answering, read_bytes
from goodstanding.core.appeals.reading.notice_read import NoticeRead
from goodstanding.core.appeals.reading.read import read_notice
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.intake.notice_email import message_from_bytes
from goodstanding.packs.reading import load_reading

LEAST_SURE = 0.5
"""Reasons that a notice shows less surely than this are left to the writer to name with --reason."""


def answer_notice(pack: PolicyPack, pack_name: str, path: Path, more: Answering) -> tuple[Answering, NoticeRead]:
    """What the notice asks, and what was named beside it. Of its reasons those that the pack knows; its language is the one to answer in."""
    notice = read_notice(message_from_bytes(read_bytes(path)), load_reading(pack_name))
    sure = [found.code for found in notice.reasons if found.code in pack.reasons and found.confidence >= LEAST_SURE]
    documents = [ask.evidence for ask in notice.asks if ask.is_document and ask.evidence]
    return (
        Answering(
            reasons=tuple(dict.fromkeys((*more.reasons, *sure))),
            products=tuple(dict.fromkeys((*more.products, *notice.products))),
            documents=tuple(dict.fromkeys(documents)),
            wanted=notice.language,
            ages={ask.evidence: ask.max_age_days for ask in notice.asks if ask.evidence and ask.max_age_days is not None},
        ),
        notice,
    )
