"""What a policy pack says, as values (`pack`), and how a mapping becomes one (`reading`)."""
