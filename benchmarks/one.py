"""One run of one work in a process of its own: prints seconds, processor seconds, the most memory it ever held, and the totals, as JSON."""

import json
import resource
import sys
import time
from importlib.abc import MetaPathFinder
from pathlib import Path

from benchmarks.made import Size
from benchmarks.works import RIVALS, WORKS


class _WithoutPandas(MetaPathFinder):
    """Makes pandas look as if it were not installed."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        """Nothing of that name is to be found."""
        if fullname == "pandas":
            raise ImportError("measured without pandas")


def main() -> None:
    """`python -m benchmarks.one WORK FOLDER ORDERS ACCOUNTS DAYS`."""
    work, folder, *numbers = sys.argv[1:]
    size = Size(*map(int, numbers))
    if work not in RIVALS:
        # Arrow imports pandas wherever it is installed, which takes a second; the engine's own users need not have it.
        sys.meta_path.insert(0, _WithoutPandas())
    wall, cpu = time.perf_counter(), time.process_time()
    totals = WORKS[work](Path(folder), size)
    result = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "totals": totals}
    result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
