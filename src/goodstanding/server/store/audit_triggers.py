"""The triggers by which each database keeps the audit append-only, as the migration that makes the table puts them up. Never changed, only added to.

An entry may be deleted once its time to be kept is over, and never be changed.
"""

_REFUSES = "select raise(abort, 'the audit is append-only')"
SQLITE = [
    f"create trigger audit_no_update before update on store_auditentry begin {_REFUSES}; end",
    f"create trigger audit_no_delete before delete on store_auditentry when old.keep_until > datetime('now') begin {_REFUSES}; end",
]
POSTGRESQL = [
    "create function audit_refuse() returns trigger language plpgsql as $$ begin "
    "if tg_op = 'DELETE' and old.keep_until <= now() then return old; end if; "
    "raise exception 'the audit is append-only'; end $$",
    "create trigger audit_no_change before update or delete on store_auditentry for each row execute function audit_refuse()",
]
UNDO = {
    "sqlite": ["drop trigger audit_no_update", "drop trigger audit_no_delete"],
    "postgresql": ["drop trigger audit_no_change on store_auditentry", "drop function audit_refuse()"],
}
"""What takes them down again."""
