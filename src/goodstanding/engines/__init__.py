"""The numbers of `core` at scale: the same integers, from files of any size."""
