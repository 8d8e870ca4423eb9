"""Reading how a pack has causes looked for, and corrective tasks ticked."""

from goodstanding.core.policy.pack import Diagnosing, Ticking
from goodstanding.core.policy.tables import Table


def read_diagnosis(top: Table) -> Diagnosing | None:
    """What a diagnosis compares; None where the pack has none."""
    if not top.has("diagnosis"):
        return None
    table = top.table("diagnosis")
    rules = Diagnosing(
        dimensions=table.texts("dimensions"),
        sign_in_dimensions=table.texts("sign_in_dimensions", required=False),
        history_days=table.whole("history_days", least=1),
        longest_span_days=table.whole("longest_span_days", least=1),
        mature_days=table.whole("mature_days"),
        most_false_per_1000=table.whole("most_false_per_1000", least=1),
        least_defects=table.whole("least_defects", least=1),
        least_share_percent=table.whole("least_share_percent"),
        least_times_percent=table.whole("least_times_percent", least=100),
        high_one_in=table.whole("high_one_in", least=1),
        high_share_percent=table.whole("high_share_percent"),
        medium_one_in=table.whole("medium_one_in", least=1),
        unusual_one_in=table.whole("unusual_one_in", least=2),
        near_days=table.whole("near_days"),
        citation=table.citation(),
    )
    table.close()
    return rules


def read_ticking(top: Table) -> Ticking | None:
    """How facts show that a corrective task is done; None where the pack leaves that to people."""
    if not top.has("ticking"):
        return None
    table = top.table("ticking")
    ticking = Ticking(
        quiet_days=table.whole("quiet_days", least=1),
        removal_fields=frozenset(table.texts("removal_fields")),
        stock_fields=frozenset(table.texts("stock_fields")),
        handling_fields=frozenset(table.texts("handling_fields")),
        price_fields=frozenset(table.texts("price_fields")),
        citation=table.citation(),
    )
    table.close()
    return ticking
