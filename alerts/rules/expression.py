"""Expressions over facts: rejected when they are read, explained when they are met."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

import rule_engine
from rule_engine import ast

from alerts.rules.facts import VALUES

F = TypeVar("F")
OPERATORS = {
    "ge": ">=",
    "gt": ">",
    "le": "<=",
    "lt": "<",
    "eq": "==",
    "ne": "!=",
    "eq_fzm": "=~",
    "eq_fzs": "=~~",
    "ne_fzm": "!~",
    "ne_fzs": "!~~",
    "add": "+",
    "sub": "-",
    "mul": "*",
    "tdiv": "/",
    "fdiv": "//",
    "mod": "%",
}
OPPOSITES = {
    ">=": "<",
    ">": "<=",
    "==": "!=",
    "=~": "!~",
    "=~~": "!~~",
    "in": "not in",
    "contains": "not contains",
}
OPPOSITES |= {opposite: operator for operator, opposite in OPPOSITES.items()}
TURNED = {">=": "<=", ">": "<", "<=": ">=", "<": ">"}
"""The same comparison with its sides changed: 500 <= reposts is reposts >= 500."""
CHANGING = frozenset({"now", "today", "random", "re_groups"})
"""What the library offers and a replay could not repeat."""
CHILDREN = (
    *("left", "right", "container", "member", "object", "item", "start", "stop"),
    *("condition", "case_true", "case_false", "function", "arguments", "iterable", "result", "value"),
)
"""Where the library keeps the parts of an expression."""


class BadExpression(ValueError):
    """The expression cannot be read against the facts; the message says what is wrong with it."""


class RuleFailed(Exception):
    """An expression broke on a particular post (a division by zero, say); the message says which and how."""


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison that held: `author.followers` `>=` 500000, and the value that met it."""

    field: str
    operator: str
    threshold: Any
    value: Any


class Expression(Generic[F]):
    """A condition over facts of type F.

    Unknown fields, comparisons that can never hold because the types differ or the field has no such value, and
    results that are neither true nor false raise BadExpression when it is made. Nothing is evaluated as Python.
    """

    def __init__(self, text: str, facts: type[F]) -> None:
        self.text = text
        context = rule_engine.Context(
            type_resolver=rule_engine.type_resolver_from_dataclass(facts),
            resolver=rule_engine.resolve_attribute,
        )
        try:
            self._rule = rule_engine.Rule(text, context=context)
        except rule_engine.EngineError as error:
            raise BadExpression(_sentence(text, error)) from None
        except (re.error, ArithmeticError, RecursionError) as error:
            raise BadExpression(f"{text!r}: {error}") from None
        root = self._rule.statement.expression
        if root.result_type != rule_engine.DataType.BOOLEAN:
            raise BadExpression(f"{text!r} is {_type_name(root.result_type)}, not a condition")
        for node in _nodes(root):
            _check_types(text, node)
            _check_values(text, node)
            if isinstance(node, ast.SymbolExpression) and node.scope == context.builtins.scope_name:
                _check_builtin(text, node.name, context.builtins)
        self._comparisons = list(_leaves(root))

    def met(self, facts: F) -> bool:
        """Whether the condition holds; RuleFailed if it cannot be worked out."""
        try:
            return bool(self._rule.matches(facts))
        except (rule_engine.EngineError, RecursionError) as error:
            raise RuleFailed(_sentence(self.text, error)) from error

    def terms(self, facts: F) -> list[Term]:
        """The comparisons that hold for these facts, in the order written: the arithmetic of the decision."""
        return [
            _term(node, facts, negated=negated)
            for node, negated in self._comparisons
            if not isinstance(node, ast.LiteralExpressionBase) and _holds(node, facts, negated=negated)
        ]


def _sentence(text: str, error: Exception) -> str:
    message = str(getattr(error, "message", error))
    suggestion = getattr(error, "suggestion", None)
    hint = f"; did you mean {suggestion!r}?" if suggestion and suggestion[0].islower() else ""
    return f"{text!r}: {message}{hint}"


def _children(node: Any) -> Iterator[Any]:
    for name in CHILDREN:
        found = getattr(node, name, None)
        for child in found if isinstance(found, list | tuple) else (found,):
            if isinstance(child, ast.ExpressionBase):
                yield child


def _nodes(node: Any) -> Iterator[Any]:
    yield node
    for child in _children(node):
        yield from _nodes(child)


def _leaves(node: Any, *, negated: bool = False) -> Iterator[tuple[Any, bool]]:
    """The comparisons under and / or / not, and whether the condition asks for their opposite."""
    if isinstance(node, ast.LogicExpression):
        yield from _leaves(node.left, negated=negated)
        yield from _leaves(node.right, negated=negated)
    elif _is_not(node):
        yield from _leaves(node.right, negated=not negated)
    else:
        yield node, negated


def _is_not(node: Any) -> bool:
    return isinstance(node, ast.UnaryExpression) and node.type == "not"


def _holds(node: Any, facts: Any, *, negated: bool) -> bool:
    """Whether a comparison is part of the reason; one that breaks behind an `or` that was met already is not."""
    try:
        return bool(node.evaluate(facts)) is not negated
    except (rule_engine.EngineError, RecursionError):
        return False


def _check_builtin(text: str, name: str, builtins: Any) -> None:
    if name in CHANGING:
        raise BadExpression(f"{text!r}: ${name} is another one at each look; no decision could be shown again")
    if name not in builtins:
        raise BadExpression(f"{text!r}: there is no ${name}")


def _check_types(text: str, node: Any) -> None:
    """Refuse comparisons that the library lets through and that can never hold."""
    data = rule_engine.DataType
    if isinstance(node, ast.ContainsExpression):
        items = getattr(node.container.result_type, "value_type", data.UNDEFINED)
        if data.UNDEFINED not in (items, node.member.result_type) and items != node.member.result_type:
            raise BadExpression(
                f"{text!r}: {_type_name(node.member.result_type)} is never in a list of {_type_name(items)}"
            )
    elif isinstance(node, ast.ComparisonExpression):
        left, right = node.left.result_type, node.right.result_type
        if data.UNDEFINED not in (left, right) and left != right:
            raise BadExpression(
                f"{text!r}: {_written(node.left)} is {_type_name(left)} and is compared to {_type_name(right)}"
            )
        if isinstance(node, ast.ArithmeticComparisonExpression) and data.STRING in (left, right):
            raise BadExpression(f"{text!r}: texts have no order that means anything; use == or in")
    elif isinstance(node, ast.LogicExpression) or _is_not(node):
        for side in (node.right,) if _is_not(node) else (node.left, node.right):
            if side.result_type not in (data.UNDEFINED, data.BOOLEAN):
                raise BadExpression(
                    f"{text!r}: {_written(side)} is {_type_name(side.result_type)}, not a condition"
                )


def _check_values(text: str, node: Any) -> None:
    """Refuse to compare a field that has only a few values to another one."""
    for field, asked in _asked(node):
        values = VALUES.get(_written(field), ()) if isinstance(field, ast.GetAttributeExpression) else ()
        if values and isinstance(asked, ast.StringExpression) and asked.value not in values:
            close = get_close_matches(asked.value.lower(), values, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise BadExpression(
                f"{text!r}: {_written(field)} is never {asked.value!r} (there is: {', '.join(values)}){hint}"
            )


def _asked(node: Any) -> Iterator[tuple[Any, Any]]:
    """What is compared for being equal, both ways round: a field and what it is asked to be."""
    if isinstance(node, ast.ComparisonExpression) and node.type in {"eq", "ne"}:
        yield node.left, node.right
        yield node.right, node.left
    elif isinstance(node, ast.ContainsExpression) and isinstance(
        node.container, ast.ArrayExpression | ast.SetExpression
    ):
        yield from ((node.member, item) for item in node.container.value)


def _type_name(definition: Any) -> str:
    names = {"FLOAT": "a number", "STRING": "a text", "BOOLEAN": "true or false", "ARRAY": "a list"}
    return names.get(definition.name, str(definition.name).lower())


def _written(node: Any) -> str:
    """A field's dotted name; for anything else its kind."""
    if isinstance(node, ast.GetAttributeExpression):
        return f"{_written(node.object)}.{node.name}"
    if isinstance(node, ast.SymbolExpression):
        return str(node.name)
    if isinstance(node, ast.LiteralExpressionBase) and node.is_reduced:
        return str(_plain(node.evaluate(None)))
    if isinstance(node, ast.BinaryExpressionBase):
        return f"{_written(node.left)} {OPERATORS.get(node.type, node.type)} {_written(node.right)}"
    return type(node).__name__.removesuffix("Expression").lower()


def _plain(value: Any) -> Any:
    """JSON-ready: the library counts in decimals."""
    if isinstance(value, bool | str | int | float) or value is None:
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        number = float(value)
        return int(number) if number.is_integer() else number
    return str(value)


def _term(node: Any, facts: Any, *, negated: bool) -> Term:
    if isinstance(node, ast.ContainsExpression):
        if isinstance(node.member, ast.LiteralExpressionBase):
            asked, operator, given = node.container, "contains", node.member
        else:
            asked, operator, given = node.member, "in", node.container
    elif isinstance(node, ast.ComparisonExpression):
        asked, operator, given = node.left, OPERATORS.get(node.type, str(node.type)), node.right
        if isinstance(asked, ast.LiteralExpressionBase):
            asked, operator, given = given, TURNED.get(operator, operator), asked
    else:
        return Term(_written(node), "is", not negated, not negated)
    if isinstance(given, ast.BooleanExpression):
        value = bool(asked.evaluate(facts))
        return Term(_written(asked), "is", value, value)
    operator = OPPOSITES[operator] if negated else operator
    return Term(_written(asked), operator, _plain(given.evaluate(facts)), _plain(asked.evaluate(facts)))
