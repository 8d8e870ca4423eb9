"""Who may do what, read from where it is decided: the lifecycle's table, the conditions of the services, the scopes of the API's operations.

Every service refuses by `if ACTOR.role not in ROLES: raise NotPermitted(WHAT, ...)`. This reads those very conditions out of the source, so the
page cannot say anything else than what is enforced; `Refusal.told` lets a test hold the words of a refusal to its condition.
"""

import ast
import importlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from goodstanding.core.cases.lifecycle import TABLE, CaseEvent
from goodstanding.core.terms import Role

SERVICES = Path(__file__).resolve().parent.parent / "src" / "goodstanding" / "server" / "services"
COLUMNS = (Role.HOLDER, Role.DELEGATE, Role.SPECIALIST, Role.SENIOR_SPECIALIST, Role.POLICY_MANAGER, Role.AUDITOR)


@dataclass(frozen=True)
class Refusal:
    """One condition of a service: `what` is refused to every role but `roles`; `told`: who may, as the refusal says it."""

    module: str
    what: str
    roles: frozenset[Role]
    told: frozenset[str]


@dataclass(frozen=True)
class Right:
    """What does not hang on the role alone: `what`, and who may, in words."""

    module: str
    what: str
    who: str


def _prepared() -> None:
    """Services are imported, not run; the key signs nothing."""
    import django
    from django.conf import settings

    if settings.configured:  # within a test, whose environment is not this tool's to change
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goodstanding.server.settings")
    os.environ.setdefault("GOODSTANDING_SECRET_KEY", "for reading the sources only")
    django.setup()


def found() -> tuple[list[Refusal], list[Right]]:
    """Every refusal of the services: by role, and by something else that is named in constant words."""
    _prepared()
    refusals: list[Refusal] = []
    rights: list[Right] = []
    for path in sorted(SERVICES.glob("*.py")):
        module = importlib.import_module(f"goodstanding.server.services.{path.stem}")
        for condition, call in _refusals(ast.parse(path.read_text(encoding="utf-8"))):
            what = call.args[0]
            if not isinstance(what, ast.Constant):
                continue
            told = _value(call.args[1], module)
            allowed = _roles(condition, module)
            if allowed is not None:
                refusals.append(Refusal(path.stem, str(what.value), allowed, frozenset(told or ())))
            elif told:
                rights.append(Right(path.stem, str(what.value), ", ".join(str(one) for one in told)))
    return refusals, list(dict.fromkeys(rights))


def _refusals(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.Call]]:
    """Each `if CONDITION: raise NotPermitted(...)`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.If):
            continue
        for statement in node.body:
            raised = statement.exc if isinstance(statement, ast.Raise) else None
            if isinstance(raised, ast.Call) and getattr(raised.func, "id", "") == "NotPermitted":
                yield node.test, raised


def _roles(condition: ast.expr, module: ModuleType) -> frozenset[Role] | None:
    """The roles of `ACTOR.role not in ROLES`; None where the condition is another one."""
    match condition:
        case ast.Compare(left=ast.Attribute(attr="role"), ops=[ast.NotIn()], comparators=[roles]):
            return frozenset(_value(roles, module) or ())
    return None


def _value(expression: ast.expr, module: ModuleType) -> list[str] | None:
    """What an expression of the module is; None where it hangs on the call."""
    try:
        return list(eval(compile(ast.Expression(expression), module.__name__, "eval"), vars(module)))
    except NameError:
        return None


def _row(name: str, roles: frozenset[Role]) -> str:
    return f"| {name} | " + " | ".join("yes" if role in roles else "" for role in COLUMNS) + " |"


def _head(first: str) -> str:
    return f"| {first} | " + " | ".join(role.replace("_", " ") for role in COLUMNS) + " |\n|---" + "|---" * len(COLUMNS) + "|"


def _events() -> list[str]:
    rows = []
    for event in CaseEvent:
        roles = frozenset(role for row in TABLE.values() if row.event == event for role in row.who)
        if roles & set(COLUMNS):
            rows.append(_row(f"`{event}`", roles))
    return rows


def _scopes() -> list[str]:
    from goodstanding.server.api.urls import api

    rows = []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            for operation in view.operations:
                scopes = sorted({str(one.scope) for one in operation.auth_callbacks if hasattr(one, "scope")})
                name = ", ".join(f"`{scope}`" for scope in scopes) or "none: open to anybody"
                rows += [f"| `{method} /api/v1{prefix}{path}` | {name} |" for method in operation.methods]
    return sorted(rows)


def page(made: str) -> str:
    """The page docs/reference/roles.md."""
    refusals, rights = found()
    acts = dict(sorted({one.what: one.roles for one in refusals}.items()))
    words = dict(sorted({one.what: one.who for one in rights}.items()))
    parts = [
        f"# Who may do what\n\n{made}From the table of the lifecycle, the conditions of the services and the operations of the API: what is enforced, not what is meant. Every user has one role.",
        f"## What happens to a case\n\nIn which state each is possible, and for whom in that state, is in [the life of a case](lifecycle.md).\n\n{_head('event')}\n"
        + "\n".join(_events()),
        f"## What else a role may\n\n{_head('act')}\n" + "\n".join(_row(what, roles) for what, roles in acts.items()),
        "A case under review is decided by who holds it; nobody reviews an appeal against the own decision or approves the own proposal; a holder acts on the own accounts only, and the account of somebody else is not there at all.",
        "## Where more than the role is asked\n\n| act | who may |\n|---|---|\n"
        + "\n".join(f"| {what} | {who.replace('_', ' ')} |" for what, who in words.items()),
        "## Programs\n\nA key opens what its scopes say.\n\n| operation | scope of the key |\n|---|---|\n" + "\n".join(_scopes()),
    ]
    return "\n\n".join(parts) + "\n"
