"""The triggers by which each database keeps judgements append-only, as the migration that makes the table puts them up. Never changed, only added to."""

_REFUSES = "select raise(abort, 'judgements are append-only')"
SQLITE = [
    f"create trigger judgement_no_update before update on store_judgement begin {_REFUSES}; end",
    f"create trigger judgement_no_delete before delete on store_judgement begin {_REFUSES}; end",
]
POSTGRESQL = [
    "create function judgement_refuse() returns trigger language plpgsql as $$ begin raise exception 'judgements are append-only'; end $$",
    "create trigger judgement_no_change before update or delete on store_judgement for each row execute function judgement_refuse()",
]
UNDO = {
    "sqlite": ["drop trigger judgement_no_update", "drop trigger judgement_no_delete"],
    "postgresql": ["drop trigger judgement_no_change on store_judgement", "drop function judgement_refuse()"],
}

_KEPT = ("id", "judgement_id", "account_a_id", "account_b_id", "verdict", "ground", "case_id", "decided_at", "decided_by")
_CHANGED = " or ".join(["new.note <> ''", *(f"new.{name} is not old.{name}" for name in _KEPT)])
ERASABLE_SQLITE = [
    "drop trigger judgement_no_update",
    f"create trigger judgement_no_update before update on store_judgement when {_CHANGED} begin {_REFUSES}; end",
]
"""From then on the note alone may be emptied, when the time to keep it is over; nothing else of a judgement ever changes (requirement A3)."""
ERASABLE_POSTGRESQL = [
    "create or replace function judgement_refuse() returns trigger language plpgsql as $$ begin "
    "if tg_op = 'UPDATE' and new.note = '' and to_jsonb(new) - 'note' = to_jsonb(old) - 'note' then return new; end if; "
    "raise exception 'judgements are append-only'; end $$",
]
UNDO_ERASABLE = {
    "sqlite": ["drop trigger judgement_no_update", SQLITE[0]],
    "postgresql": [POSTGRESQL[0].replace("create function", "create or replace function")],
}
