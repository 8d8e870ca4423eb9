"""How lines of the log are written: one a record, as words or as JSON, without what a person is or said.

Addresses are logged as their route, so that no token of a link and no case is in them. An error is told by its class and where it came about; what it says
may quote a letter, a name or a row, and is left out unless GOODSTANDING_LOG_ERRORS is on.
"""

import json
import logging
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

OURS = Path(__file__).resolve().parents[3]


class Lines(logging.Formatter):
    """One line a record. `as_json`: as an object with at, level, logger, message and, of an error, what and where."""

    def __init__(self, *, as_json: bool, with_errors: bool) -> None:
        super().__init__()
        self.as_json, self.with_errors = as_json, with_errors

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record, with_errors=self.with_errors),
        }
        told |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[1] is not None:
            told |= _error(record.exc_info[1], record.exc_info[2], with_errors=self.with_errors)
        if self.as_json:
            return json.dumps(told, ensure_ascii=False)
        more = " ".join(f"{name}={value}" for name, value in told.items() if name not in ("at", "level", "logger", "message"))
        return f"{told['at']} {record.levelname} {record.name}: {told['message']} {more}".rstrip()


def _message(record: logging.LogRecord, *, with_errors: bool) -> str:
    """What is said. Django tells the whole address of a request that went wrong; we tell its route, and of an error only its class."""
    request = getattr(record, "request", None)
    if request is not None:
        match = getattr(request, "resolver_match", None)
        return f"{getattr(record, 'status_code', '')} {getattr(request, 'method', '')} {match.route if match else 'unknown'}".strip()
    arguments = record.args if isinstance(record.args, tuple) else ()
    if with_errors or not any(isinstance(one, BaseException) for one in arguments):
        return record.getMessage()
    return str(record.msg) % tuple(type(one).__name__ if isinstance(one, BaseException) else one for one in arguments)


def _error(error: BaseException, trace: TracebackType | None, *, with_errors: bool) -> dict[str, object]:
    frames = [frame for frame in traceback.extract_tb(trace) if Path(frame.filename).is_relative_to(OURS)] or traceback.extract_tb(trace)[-1:]
    told: dict[str, object] = {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "where": " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)),
    }
    return told | ({"says": str(error)} if with_errors else {})
