"""One run of one work in a process of its own: prints seconds, processor seconds, the most memory it ever held, and the totals, as JSON."""

import json
import resource
import sys
import time
from pathlib import Path

from benchmarks.made import Size
from benchmarks.works import WORKS


def main() -> None:
    """`python -m benchmarks.one WORK FOLDER ORDERS ACCOUNTS DAYS`."""
    work, folder, *numbers = sys.argv[1:]
    size = Size(*map(int, numbers))
    wall, cpu = time.perf_counter(), time.process_time()
    totals = WORKS[work](Path(folder), size)
    result = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "totals": totals}
    result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
