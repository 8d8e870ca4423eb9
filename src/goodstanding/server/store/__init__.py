"""The only app with tables: rows, their constraints, and nothing that decides."""
