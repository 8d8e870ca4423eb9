"""Every figure the project claims about speed and memory, as programs that anybody can run again: `python -m benchmarks`."""
