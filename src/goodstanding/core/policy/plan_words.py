"""What checks of a plan go by in one language: headings, phrases, bounds and the sentences they say (requirement F2). Pack data, never code."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    """What a finding says: `message` what and why, `hint` how to mend it. Holes like {number} are filled by the check."""

    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class PlanWords:
    """The words of one language.

    `bounds`: whole numbers by name, with where they come from in the file's comments. `parts`: what headings of each part say. `phrases`: lists by
    name, in the notation of `core.appeals.checks.phrases`. `reasons`: by which words a text speaks of a reason. `documents`: by which
    words a file's name shows what it is. `words`: spellings that are right
    here. `texts`: code -> what is said. `labels`: names of parts and the few words around a report. `drafts`: the sentences of a first draft.
    """

    language: str
    bounds: Mapping[str, int]
    parts: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, tuple[str, ...]]
    documents: Mapping[str, tuple[str, ...]]
    words: tuple[str, ...]
    texts: Mapping[str, Said]
    labels: Mapping[str, str]
    drafts: Mapping[str, str] = field(default_factory=dict)

    def list(self, name: str) -> tuple[str, ...]:
        """A list of phrases; empty where the language has none of that name."""
        return self.phrases.get(name, ())
