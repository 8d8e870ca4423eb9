"""The cache that all processes share: it counts attempts to sign in and remembers used codes. Made by Django's own cache of the database."""

from django.db import models


class CacheEntry(models.Model):
    """One value. The columns are those that `django.core.cache.backends.db` reads and writes; a model, so that a migration makes the table."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        """The name that the settings give to the cache."""

        db_table = "store_cache"

    def __str__(self) -> str:
        return self.cache_key
