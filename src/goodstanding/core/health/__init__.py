"""How an account stands: metrics, violations, rating."""
