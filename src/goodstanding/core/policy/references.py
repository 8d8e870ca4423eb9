"""Checking that the parts of a pack fit together: what one names, another has."""

from collections.abc import Mapping

from goodstanding.core.policy.pack import Marketplace, Metric, Reason, Rule, Watch
from goodstanding.core.policy.tables import Problems, nearest
from goodstanding.core.terms import Approval, FoundBy


def check_metrics(metrics: dict[str, Metric], reasons: dict[str, Reason], stores: dict[str, Marketplace], problems: Problems) -> None:
    """Each metric's reason exists, is found from a metric and is for the same holders; its stores exist."""
    for name, metric in metrics.items():
        for code in sorted(metric.marketplaces or ()):
            if code not in stores:
                problems.add("unknown-name", f"metrics.{name}.marketplaces", f"'{code}' is no marketplace of this pack", nearest(code, stores))
        for code in metric.enforced_from:
            _check_enforced(f"metrics.{name}.from.{code}", code, metric, stores, problems)
        if metric.reason is not None:
            _check_metric_reason(f"metrics.{name}.reason", metric, reasons, problems)


def _check_enforced(path: str, code: str, metric: Metric, stores: dict[str, Marketplace], problems: Problems) -> None:
    if code not in stores:
        problems.add("unknown-name", path, f"'{code}' is no marketplace of this pack", nearest(code, stores))
    elif metric.marketplaces is not None and code not in metric.marketplaces:
        have = ", ".join(sorted(metric.marketplaces))
        problems.add("contradiction", path, f"'{code}' has not got this metric, which is for {have} only", "take it out here or add it there")


def _check_metric_reason(path: str, metric: Metric, reasons: dict[str, Reason], problems: Problems) -> None:
    reason = reasons.get(metric.reason or "")
    if reason is None:
        problems.add("unknown-name", path, f"'{metric.reason}' is no reason of this pack", nearest(metric.reason or "", reasons))
        return
    if not reason.is_found_by(FoundBy.METRIC):
        problems.add("contradiction", path, f"'{reason.code}' is found by {reason.found_by}, not by a metric", "write found_by = 'metric' there")
    if reason.holder_kind is not metric.holder_kind:
        message = f"'{reason.code}' is for a {reason.holder_kind}, the metric for a {metric.holder_kind}"
        problems.add("contradiction", path, message, "both must name the same holder_kind")


def check_reasons(metrics: dict[str, Metric], reasons: dict[str, Reason], problems: Problems) -> None:
    """Each reason that a metric should reveal has one that does. Not asked while a metric names an unknown reason: that one may be meant."""
    revealed = {metric.reason for metric in metrics.values()}
    if revealed - {None} - set(reasons):
        return
    for code, reason in reasons.items():
        if reason.is_found_by(FoundBy.METRIC) and code not in revealed:
            message = "is 'metric', but no metric names this reason"
            problems.add("contradiction", f"reasons.{code}.found_by", message, f"write reason = '{code}' at its metric")


def check_watches(watches: Mapping[str, Watch], reasons: dict[str, Reason], problems: Problems) -> None:
    """Each watch's reason exists and is found by behaviour; each reason found by behaviour has a watch."""
    for name, watch in watches.items():
        path, reason = f"behaviour.{name}.reason", reasons.get(watch.reason)
        if reason is None:
            problems.add("unknown-name", path, f"'{watch.reason}' is no reason of this pack", nearest(watch.reason, reasons))
        elif not reason.is_found_by(FoundBy.BEHAVIOUR):
            message = f"'{reason.code}' is found by {reason.found_by}, not by behaviour"
            problems.add("contradiction", path, message, "write also_found_by = ['behaviour'] there")
    revealed = {watch.reason for watch in watches.values()}
    for code, reason in reasons.items():
        if reason.is_found_by(FoundBy.BEHAVIOUR) and code not in revealed and revealed <= set(reasons):
            message = "is 'behaviour', but no watch names this reason"
            problems.add("contradiction", f"reasons.{code}.found_by", message, f"write reason = '{code}' at a watch under [behaviour]")


def check_rules(rules: tuple[Rule, ...], reasons: dict[str, Reason], problems: Problems) -> None:
    """Each rule has an id of its own and rests on reasons that exist and are for one kind of holder."""
    seen: set[str] = set()
    for number, rule in enumerate(rules, 1):
        path = f"rules[{number}]"
        if rule.id and rule.id in seen:
            problems.add("repeated", f"{path}.id", f"'{rule.id}' is the id of an earlier rule", "ids stand in ledgers; each names one rule")
        seen.add(rule.id)
        for code in rule.reasons:
            if code not in reasons:
                problems.add("unknown-name", f"{path}.reasons", f"'{code}' is no reason of this pack", nearest(code, reasons))
        holders = sorted({reasons[code].holder_kind for code in rule.reasons if code in reasons})
        if len(holders) > 1:
            problems.add("contradiction", f"{path}.reasons", f"are for a {' and a '.join(holders)}", "write one rule for each")
        _check_no_relation_acts_alone(path, rule, reasons, problems)


def _check_no_relation_acts_alone(path: str, rule: Rule, reasons: dict[str, Reason], problems: Problems) -> None:
    """A relation is evidence and not guilt, so a rule that rests on relations alone needs a person, also for a warning."""
    known = [reasons[code] for code in rule.reasons if code in reasons]
    if rule.approval is Approval.NONE and known and all(reason.found_by is FoundBy.RELATION and not reason.also_found_by for reason in known):
        message = f"is 'none', but {', '.join(reason.code for reason in known)} is found by relations alone"
        problems.add("contradiction", f"{path}.approval", message, "a relation is evidence, not guilt; write 'person' or 'senior'")
