"""The door of pages that are open: tells them that something about their case has changed. It carries numbers and names, never a text."""
