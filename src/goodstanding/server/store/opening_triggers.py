"""The triggers by which each database keeps openings append-only, as the migration that makes the table puts them up. Never changed, only added to."""

_REFUSES = "select raise(abort, 'openings are append-only')"
SQLITE = [
    f"create trigger opening_no_update before update on store_opening begin {_REFUSES}; end",
    f"create trigger opening_no_delete before delete on store_opening begin {_REFUSES}; end",
]
POSTGRESQL = [
    "create function opening_refuse() returns trigger language plpgsql as $$ begin raise exception 'openings are append-only'; end $$",
    "create trigger opening_no_change before update or delete on store_opening for each row execute function opening_refuse()",
]
UNDO = {
    "sqlite": ["drop trigger opening_no_update", "drop trigger opening_no_delete"],
    "postgresql": ["drop trigger opening_no_change on store_opening", "drop function opening_refuse()"],
}
"""What takes them down again."""
