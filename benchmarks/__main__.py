"""`python -m benchmarks [NAME…] [--quick]`: run all of them, or those named, and print one table."""

import argparse

import structlog

from benchmarks import alert, crawl, store
from benchmarks.results import Line, show

BENCHMARKS = {"crawl": crawl.run, "store": store.run, "alert": alert.run}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; by default all")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size: shows that they run")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("warning"))
    lines: list[Line] = []
    for name in options.names or BENCHMARKS:
        lines += BENCHMARKS[name](quick=options.quick)
    show(lines)


if __name__ == "__main__":
    main()
