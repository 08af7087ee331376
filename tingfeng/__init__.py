"""The wiring: the only package that sees all the others."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("tingfeng")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+checkout"
