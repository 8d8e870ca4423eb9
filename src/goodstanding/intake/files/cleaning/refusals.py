"""What is said where a file cannot be cleaned."""


class CannotClean(Exception):
    """Something in the file is of a kind of which nobody here knows what it tells; the file is not handed to others."""
