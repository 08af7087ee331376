"""The schema, as the numbered steps of `schema/`, which are applied once each, in order."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import iter_modules

from sqlite_utils import Migrations

from mentions.sqlite import schema

STEPS = tuple(sorted(module.name for module in iter_modules(schema.__path__)))
"""The names of all steps that this version knows, in order."""

migrations = Migrations("tingfeng")
for _name in STEPS:
    migrations(name=_name)(import_module(f"{schema.__name__}.{_name}").step)


def unknown_steps(applied: Iterable[str]) -> list[str]:
    """Those of the applied steps that only a newer version knows, in order."""
    return sorted(set(applied) - set(STEPS))
