"""`python -m goodstanding` is the command `goodstanding`."""

from goodstanding.cli.main import main

main()
