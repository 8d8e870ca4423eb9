"""What a program sends on behalf of a holder: the parts of an answer and the files that prove them, as JSON."""

from typing import Annotated, Any

from ninja import Field, Schema
from ninja.params.functions import Header
from pydantic import StringConstraints

from goodstanding.core.appeals.plan import Answer, places_of
from goodstanding.core.errors import UnusableInput
from goodstanding.core.terms import Route
from goodstanding.server.api.holder_answers import PARTS
from goodstanding.server.services.appeals import LONGEST_KEY
from goodstanding.server.services.evidence import Proof

LONGEST_PART = 20_000
"""Characters of one part of an answer, as on the portal."""

MOST_FILES = 20
"""Files that one appeal or answer names, as on the portal."""

LONGEST_ID = 100

Written = Annotated[str, StringConstraints(max_length=LONGEST_PART, pattern=r"^[^\x00]*$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_ID, pattern=r"^[^\x00]*$")]


def idempotency_key() -> Any:
    """The header that tells one submission from the next."""
    return Header(
        ...,
        alias="Idempotency-Key",
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=r"^[!-~]+$",
        description="the same on every try of one submission; what it made is given back",
    )


class ProofIn(Schema):
    """A file that was handed in before, and what it proves."""

    evidence_id: Id
    proves: Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z_:0-9]*$")] = Field(
        "", description="a part of the answer, or `corrective:2` for the second point of its list; empty: the answer as a whole"
    )


class AnswerIn(Schema):
    """A plan (`root_cause`, `corrective`, `preventive`) or a dispute (`grounds`). At least one part of the route has to say something."""

    route: Route
    root_cause: Written = ""
    corrective: Written = ""
    preventive: Written = ""
    grounds: Written = ""
    evidence: list[ProofIn] = Field([], max_length=MOST_FILES, description="files that were handed in before")

    def answer(self) -> Answer:
        """What was written, as the core reads it. Raises UnusableInput for text in a part of the other route, which would be lost."""
        for other in Route:
            for part in PARTS[other] if other != self.route else ():
                if getattr(self, part).strip():
                    raise UnusableInput(f"'{part}' belongs to the route '{other}'; by '{self.route}' write: {', '.join(PARTS[self.route])}")
        return Answer(self.route, **{part: getattr(self, part).replace("\r\n", "\n").strip() for part in PARTS[self.route]})

    def proofs(self, answer: Answer) -> list[Proof]:
        """The files with their places. Raises UnusableInput for a place that the answer does not have."""
        places = places_of(answer)
        if strange := [one.proves for one in self.evidence if one.proves and one.proves not in places]:
            raise UnusableInput(f"'{strange[0]}' is no place of this answer; there are: {', '.join(sorted(places))}")
        return [Proof(one.evidence_id, one.proves) for one in self.evidence]


class InformationIn(Schema):
    """The answer to what a reviewer asked for: words, files, or both."""

    answer: Written = ""
    evidence: list[Id] = Field([], max_length=MOST_FILES, description="files that were handed in before")
