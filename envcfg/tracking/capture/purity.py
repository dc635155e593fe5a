"""Which functions are known to be pure: they compute a value from their arguments, and have no other effect.

The code of a function is read, and never run. A function that does anything unknown does not count as pure.
"""

import ast
import builtins
import dis
import math
import operator
from collections.abc import Sequence
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import Any, Final

_OWN: Final = ("omegaconf.resolvers", "hydra.core.utils")
"""The modules in which OmegaConf and Hydra define their own resolvers."""
_BUILTINS: Final = frozenset(
    {
        *("abs", "all", "any", "bin", "bool", "dict", "divmod", "enumerate", "filter", "float", "format", "hex", "int"),
        *("isinstance", "len", "list", "map", "max", "min", "oct", "ord", "pow", "range", "reversed", "round", "set"),
        *("sorted", "str", "sum", "tuple", "zip"),
    }
)
_OPERATORS: Final = frozenset(
    {
        *(
            "abs",
            "add",
            "and_",
            "concat",
            "contains",
            "eq",
            "floordiv",
            "ge",
            "getitem",
            "gt",
            "le",
            "lt",
            "mod",
            "mul",
        ),
        *("ne", "neg", "not_", "or_", "pow", "sub", "truediv", "xor"),
    }
)
_METHODS: Final = frozenset(
    {
        *("capitalize", "count", "endswith", "format", "get", "items", "join", "keys", "lower", "lstrip", "replace"),
        *("removeprefix", "removesuffix", "rsplit", "rstrip", "split", "startswith", "strip", "title", "upper"),
        *("values", "zfill"),
        *(name for name in dir(math) if not name.startswith("_")),
    }
)
_FORBIDDEN: Final = ("STORE_GLOBAL", "STORE_ATTR", "STORE_SUBSCR", "STORE_SLICE", "STORE_NAME", "DELETE_", "IMPORT_")
_ALSO_FORBIDDEN: Final = (
    "SEND",
    "GET_AWAITABLE",
    "BEFORE_WITH",
    "BEFORE_ASYNC",
    "LOAD_BUILD",
    "LOAD_NAME",
    "LOAD_SUPER",
    "LOAD_SPECIAL",
)
_CONSTANTS: Final = (int, float, str, bytes, bool, type(None), type(math))
_CALLED: Final = {
    *(getattr(builtins, name) for name in _BUILTINS),
    *(getattr(operator, name) for name in _OPERATORS),
    *(value for value in vars(math).values() if isinstance(value, BuiltinFunctionType)),
}
_EXPRESSION: Final = (
    *(
        ast.Expression,
        ast.BinOp,
        ast.UnaryOp,
        ast.BoolOp,
        ast.Compare,
        ast.IfExp,
        ast.Constant,
        ast.Subscript,
        ast.Slice,
    ),
    *(ast.List, ast.Tuple, ast.Set, ast.Dict, ast.Load, ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)


def is_pure(function: Any, arguments: Sequence[Any]) -> bool:
    """Whether calling *function* with *arguments* is known to have no effect."""
    if str(getattr(function, "__module__", "")).startswith(_OWN):
        return True
    if function is eval:
        return all(map(_is_expression, arguments))
    if isinstance(function, FunctionType):
        evaluates = "eval" in function.__code__.co_names
        return _is_pure_code(function) and (not evaluates or all(map(_is_expression, arguments)))
    return _is_callable(function)


@lru_cache(maxsize=1024)
def _is_pure_code(function: FunctionType) -> bool:
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    if function.__closure__ or not all(isinstance(value, _CONSTANTS) for value in defaults):
        return False
    return _does_nothing_else(function.__code__, function.__globals__)


def _does_nothing_else(code: CodeType, names: dict[str, Any]) -> bool:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return all(_is_harmless(step, names) for step in dis.get_instructions(code)) and all(
        _does_nothing_else(nested, names) for nested in inner
    )


def _is_harmless(step: dis.Instruction, names: dict[str, Any]) -> bool:
    if step.opname.startswith((*_FORBIDDEN, *_ALSO_FORBIDDEN)):
        return False
    if step.opname == "BINARY_OP" and step.argrepr.endswith("="):
        return False  # `+=` changes a list
    if step.opname.startswith("LOAD_GLOBAL"):
        value = names.get(step.argval, vars(builtins).get(step.argval))
        return value is eval or isinstance(value, _CONSTANTS[:-1]) or value is math or _is_callable(value)
    if step.opname.startswith(("LOAD_ATTR", "LOAD_METHOD")):
        return step.argval in _METHODS
    return True


def _is_callable(value: Any) -> bool:
    try:
        return value in _CALLED
    except TypeError:  # not hashable
        return False


def _is_expression(text: Any) -> bool:
    """Whether evaluating *text* only computes: `2 * 3`, `max(1, 2)`."""
    if not isinstance(text, str):
        return isinstance(text, _CONSTANTS[:-1])
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and not node.keywords}
    return all(
        isinstance(node, _EXPRESSION)
        or (isinstance(node, ast.Call) and id(node.func) in called)
        or (isinstance(node, ast.Name) and id(node) in called and node.id in _BUILTINS)
        for node in ast.walk(tree)
    )
