"""A diagnosis as plain data and back, to be kept: codes and numbers only, so that it can be told later in any language."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from goodstanding.core.appeals.diagnosis.model import Cause, CauseKind, Confidence, Diagnosis, Happening, HappeningKind, TimelineDay


def to_record(diagnosis: Diagnosis) -> dict[str, Any]:
    """Everything a diagnosis says, as JSON holds it."""
    record: dict[str, Any] = _plain(asdict(diagnosis))
    return record


def from_record(record: Mapping[str, Any]) -> Diagnosis:
    """The diagnosis that was kept. Raises KeyError or ValueError for anything else."""
    told = dict(record)
    told["causes"] = tuple(_cause(cause) for cause in record["causes"])
    told["timeline"] = tuple(_timeline_day(day) for day in record["timeline"])
    return Diagnosis(**_with_days(told, "as_of", "first", "last"))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _with_days(told: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**told, **{name: date.fromisoformat(told[name]) for name in names}}


def _cause(told: Mapping[str, Any]) -> Cause:
    values = _with_days(told, "first", "last")
    values["kind"], values["confidence"] = CauseKind(told["kind"]), Confidence(told["confidence"])
    values["ids"], values["also"] = tuple(told["ids"]), tuple((dimension, value) for dimension, value in told["also"])
    values["near"] = tuple(_happening(one) for one in told["near"])
    return Cause(**values)


def _timeline_day(told: Mapping[str, Any]) -> TimelineDay:
    values = _with_days(told, "day")
    return TimelineDay(**{**values, "happenings": tuple(_happening(one) for one in told["happenings"])})


def _happening(told: Mapping[str, Any]) -> Happening:
    return Happening(**{**_with_days(told, "day"), "kind": HappeningKind(told["kind"])})
