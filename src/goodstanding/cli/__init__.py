"""The command line. The seller's part runs without the server's packages."""
