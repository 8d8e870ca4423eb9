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
