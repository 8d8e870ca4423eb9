"""What the pack calls for, what it forbids, and why: evaluation, limits, statement of reasons."""
