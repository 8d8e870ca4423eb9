"""One verb per function, and the only writers.

Every service is keyword-only, takes a `Call` (who, when, where ids come from), asks the core what holds, and writes rows,
ledger entry, notice and outgoing messages in one transaction. Doors never write a table themselves.
"""
