"""Why an account's numbers are what they are: what its bad orders have in common, told only where chance does not explain it."""
