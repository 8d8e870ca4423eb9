"""The holder's answer and what becomes of it: plan or dispute, review."""
