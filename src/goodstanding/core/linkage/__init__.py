"""Which accounts belong together: signals, relations, clusters."""
