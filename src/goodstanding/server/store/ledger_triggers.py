"""The triggers by which each database keeps the ledger append-only, as migration 0002 puts them up. Never changed, only added to."""

SQLITE = [
    "create trigger ledger_no_update before update on store_ledgerentry begin select raise(abort, 'the ledger is append-only'); end",
    "create trigger ledger_no_delete before delete on store_ledgerentry begin select raise(abort, 'the ledger is append-only'); end",
]
POSTGRESQL = [
    "create function ledger_refuse() returns trigger language plpgsql as $$ begin raise exception 'the ledger is append-only'; end $$",
    "create trigger ledger_no_change before update or delete on store_ledgerentry for each row execute function ledger_refuse()",
]
UNDO = {
    "sqlite": ["drop trigger ledger_no_update", "drop trigger ledger_no_delete"],
    "postgresql": ["drop trigger ledger_no_change on store_ledgerentry", "drop function ledger_refuse()"],
}
