"""The rules of account standing: pure functions of facts, a policy pack and a given moment.

Nothing in here reads a clock, throws dice, looks at the environment or does I/O.
"""
