"""The conditions of a rule that were met, in words."""

from typing import Any

from alerts.language import Language
from alerts.names import FIELDS
from alerts.privacy import GIST, NAME
from mentions.text import one_line

SIGNS_OF = {">=": "≥", "<=": "≤", "!=": "≠", "not contains": "∌", "!~": "≁", "!~~": "≁"}


def term_words(term: dict[str, Any], _: Language) -> str:
    """One condition: the field, what it was, and what it had to be."""
    field = _(FIELDS.get(term["field"], term["field"]))
    if term["operator"] == "is":
        return field if term["value"] else _("not: {field}", field=field)
    value, threshold = (_value(term[name], _) for name in ("value", "threshold"))
    if term["operator"] in {"==", "in", "not in"}:
        return f"{field}: {value}"
    if term["operator"] in {"contains", "=~", "=~~"}:
        return f"{field}: {threshold}"
    if isinstance(term["value"], str | list):
        return f"{field} {SIGNS_OF.get(term['operator'], term['operator'])} {threshold}"
    return f"{field} {value} {SIGNS_OF.get(term['operator'], term['operator'])} {threshold}"


def _value(value: Any, _: Language) -> str:
    if isinstance(value, bool | str):
        return _(one_line(str(value), GIST))
    if isinstance(value, list):
        return " / ".join(one_line(str(item), NAME) for item in value)
    return _.count(value)
