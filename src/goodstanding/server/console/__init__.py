"""The operator's door: queue, case page, decisions."""
