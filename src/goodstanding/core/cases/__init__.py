"""The life of a case: one table of states and events, and the clocks that go with it."""
