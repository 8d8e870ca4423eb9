"""Reading which behaviour of accounts a pack watches, and from where on it is out of line."""

from goodstanding.core.policy.pack import Share, Surge, Travel, Watch
from goodstanding.core.policy.tables import Table
from goodstanding.core.terms import BehaviourRule

SHARES = frozenset({BehaviourRule.MESSAGES_PER_ORDER, BehaviourRule.OFF_TOPIC_MESSAGES})
"""Rules that compare with a whole; impossible travel compares with the earth, all others with the account's own past."""


def read_watches(top: Table) -> dict[str, Watch]:
    """The watches, by name; none where the pack has no `behaviour`."""
    return {name: _watch(name, table) for name, table in top.tables("behaviour", required=False).items()}


def _watch(name: str, table: Table) -> Watch:
    rule = table.one_of("rule", BehaviourRule)
    common = (name, rule, table.text("reason"), table.whole("recover_days"), table.citation())
    watch: Watch
    if rule is BehaviourRule.IMPOSSIBLE_TRAVEL:
        watch = Travel(*common, table.whole("fastest_kmh", least=1), table.whole("least_km"))
    elif rule in SHARES:
        topics = frozenset(table.texts("topics")) if rule is BehaviourRule.OFF_TOPIC_MESSAGES else frozenset()
        watch = Share(*common, table.whole("window_days", least=1), table.whole("minimum", least=1), table.whole("most_percent"), topics)
    else:
        watch = _surge(common, table)
    table.close()
    return watch


def _surge(common: tuple[str, BehaviourRule, str, int, object], table: Table) -> Surge:
    minimums = table.table("minimums", required=False)
    surge = Surge(
        *common,  # type: ignore[arg-type]
        minimum=table.whole("minimum", least=1),
        times=table.whole("times", least=1),
        history_days=table.whole("history_days", least=2),
        least_history_days=table.whole("least_history_days", least=2),
        one_in=table.whole("one_in", least=2),
        floor_per_100_days=table.whole("floor_per_100_days", least=1),
        dispersion_percent=table.whole("dispersion_percent", least=101),
        minimums={code: minimums.whole(code, least=1) for code in minimums.content},
    )
    if table.content and surge.least_history_days > surge.history_days:
        table.note("out-of-range", "least_history_days", f"is {surge.least_history_days}", f"it must be at most history_days ({surge.history_days})")
    return surge
