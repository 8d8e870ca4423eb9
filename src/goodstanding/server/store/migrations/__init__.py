"""Migrations, one line of them."""
