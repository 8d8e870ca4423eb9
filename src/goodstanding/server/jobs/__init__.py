"""Time's door: deadlines, the outbox, the nightly run, and management commands."""
