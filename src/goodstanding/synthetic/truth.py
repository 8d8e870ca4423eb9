"""What was planted in a made-up marketplace, so that a demonstration can be held against it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum


class Expected(StrEnum):
    """What a good account-standing system makes of a story."""

    FOUND = "found"
    LEFT_ALONE = "left alone"
    NEEDS_PERSON = "not acted on without a person"


@dataclass(frozen=True, slots=True)
class Story:
    """One thing that happened in the marketplace beside its ordinary trade.

    `accounts` are those it is about; `bystanders` others that play a part (a rival, an account under enforcement);
    `reasons` the reason codes it should be found by (empty where nothing should be); `details` what a diagnosis
    should name (the carrier, the batch, the product).
    """

    key: str
    title: str
    accounts: tuple[str, ...]
    reasons: tuple[str, ...]
    innocent: bool
    what_happened: str
    expected: Expected
    bystanders: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Truth:
    """All stories of a marketplace made with `seed`; its facts cover `first_day` to `last_day`, both in."""

    seed: int
    first_day: date
    last_day: date
    stories: tuple[Story, ...]

    def story(self, key: str) -> Story:
        """The story of that key; KeyError where there is none."""
        for story in self.stories:
            if story.key == key:
                return story
        raise KeyError(key)

    @property
    def accounts(self) -> frozenset[str]:
        """Every account that plays a part in a story."""
        return frozenset(account for story in self.stories for account in (*story.accounts, *story.bystanders))


def truth_to_json(truth: Truth) -> str:
    """The truth as one JSON document. It belongs beside the fact folder, never in it."""
    return json.dumps(asdict(truth), ensure_ascii=False, indent=2, default=str)
