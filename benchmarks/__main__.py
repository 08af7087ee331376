"""`python -m benchmarks [NAME…] [--quick]`: run all of them but `volume`, or those named, and print one table.

`python -m benchmarks volume [--mentions N] [--store sqlite|postgres]` fills stores with a million mentions, for
half an hour.
"""

import argparse

import structlog

from benchmarks import alert, copies, coverage, crawl, dates, fleet, reread, store
from benchmarks.results import Line, show
from benchmarks.volume import run as volume
from benchmarks.volume.stores import PAIRS

BENCHMARKS = {
    "crawl": crawl.run,
    "store": store.run,
    "alert": alert.run,
    "fleet": fleet.run,
    "copies": copies.run,
    "coverage": coverage.run,
    "reread": reread.run,
    "dates": dates.run,
}
VOLUME = "volume"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)} (by default these) and {VOLUME}"
    )
    parser.add_argument("--mentions", type=int, default=volume.MENTIONS, help="volume: so many in each store")
    parser.add_argument("--store", choices=PAIRS, help="volume: only this one")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size: shows that they run")
    options = parser.parse_args()
    if unknown := set(options.names) - {*BENCHMARKS, VOLUME}:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    lines: list[Line] = []
    for name in options.names or BENCHMARKS:
        if name == VOLUME:
            lines += volume.run(quick=options.quick, mentions=options.mentions, store=options.store)
        else:
            lines += BENCHMARKS[name](quick=options.quick)
    show(lines)


if __name__ == "__main__":
    main()
