"""The holder's answer: a plan of action or a dispute. Two routes, chosen first and never mixed (requirements F0, F1)."""

from dataclasses import dataclass

from goodstanding.core.errors import Finding
from goodstanding.core.terms import FindingSeverity, Route


@dataclass(frozen=True, slots=True)
class Answer:
    """What the holder writes. The plan route fills the first three parts, the dispute route the last one."""

    route: Route
    root_cause: str = ""
    corrective: str = ""
    preventive: str = ""
    grounds: str = ""

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The parts of the chosen route, in the order a reviewer reads them."""
        if self.route == Route.DISPUTE:
            return (("grounds", self.grounds),)
        return (("root_cause", self.root_cause), ("corrective", self.corrective), ("preventive", self.preventive))

    @property
    def is_empty(self) -> bool:
        """True where no part of the chosen route says anything."""
        return not any(text.strip() for _, text in self.parts)


def missing_parts(answer: Answer) -> tuple[Finding, ...]:
    """Parts of the route that are empty, as advice: checks score and advise, they never block sending (requirement F2)."""
    return tuple(
        Finding("part-missing", FindingSeverity.WARNING, f"the part '{name}' is empty", "a reviewer looks for it first", name)
        for name, text in answer.parts
        if not text.strip()
    )
