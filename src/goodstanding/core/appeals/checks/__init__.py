"""Checks of a plan or a dispute before it is sent: they place, explain, score and advise, and never block (requirements F2, F3)."""
