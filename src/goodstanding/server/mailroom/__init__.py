"""Mail's door: letters out."""
