"""The server: the only part that remembers. A Django project of one app with tables, services, and doors."""
