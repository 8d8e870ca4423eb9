"""What other systems write, read into facts: pure parsing."""
