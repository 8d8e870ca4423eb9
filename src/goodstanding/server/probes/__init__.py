"""The door of those who run the server: is it alive, is it ready, what does it do. Shows counts, never a person's data."""
