"""Where the bytes of files lie, the process in which they are looked into, and the scanner that is asked about them."""
