"""goodstanding: the account-standing system for online marketplaces."""
