"""The holder's door: notice, standing, appeal."""
