"""A made-up marketplace with planted stories, for demonstrations and tests. Everything in it is invented."""
