"""What is inside a file that somebody sent: whether it may be taken, and what of it a person can look at without opening it.

Reads hostile bytes with libraries written in C, so the server calls it in a process of its own and nowhere else.
"""
