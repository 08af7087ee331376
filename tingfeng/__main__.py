"""`python -m tingfeng`."""

from tingfeng.cli import run

run()
