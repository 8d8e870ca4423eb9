"""How long tests wait for what must come: only a test that fails waits so long, so that a slow or busy machine fails none."""

SECONDS = 120.0
MILLISECONDS = 1000 * SECONDS
