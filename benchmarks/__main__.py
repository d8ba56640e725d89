"""`make bench`: load, ask, work over everything, print. `BENCH="--rows 10000"` for fewer; `--keep URL` uses a database that is loaded already."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path


def main() -> None:
    parser = argparse.ArgumentParser(description="Speed with a million records")
    parser.add_argument("--rows", type=int, default=1_000_000, help="how many accounts; the rest in proportion")
    parser.add_argument("--small", type=int, default=10_000, help="the size the large one is compared with; 0 leaves it out")
    parser.add_argument("--directory", type=Path, help="where the data lies; kept and used again when given")
    asked = parser.parse_args()
    root = asked.directory or Path(tempfile.mkdtemp(prefix="guanxi-bench-"))
    root.mkdir(parents=True, exist_ok=True)
    root.chmod(0o711)
    os.environ["DJANGO_SETTINGS_MODULE"] = "guanxi.web.settings"
    os.environ.setdefault("GUANXI_SECRET_KEY", "only-for-benchmarks-" * 3)
    os.environ["GUANXI_DATA_DIR"] = str(root)
    from benchmarks.measure import compare

    sys.exit(compare([*([asked.small] if 0 < asked.small < asked.rows else []), asked.rows], root))


main()
