"""Configs that come of each other by edits, as a curriculum makes them: what two independent draws hardly ever are."""

import math
from collections.abc import Callable

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from strategies import configs, keys, scalars

from envcfg.core.diff import same
from envcfg.core.tree import MISSING, Marker

_LONG = "long " * 40

LOOKALIKES = (
    (0, 0.0, -0.0, False, "0", None, "", [], {}, [[]], {"": {}}, [{}]),
    (1, 1.0, True, "1", "1.0", "true", "True", Marker("decimal", "1"), Marker("complex", [1.0, 0.0]), [1], {"0": 1}),
    (math.nan, "nan", math.inf, -math.inf, "inf", Marker("decimal", "NaN"), 1e308, -1e308, 5e-324, 10**400, 2**63),
    (None, "null", "None", MISSING, "???", "(absent)", Marker("unreadable", "a function"), Marker("redacted", "name")),
    ([1, 2], [1.0, 2], [2, 1], {"0": 1, "1": 2}, Marker("set", [1, 2]), Marker("range", [1, 3, 1]), "[1, 2]"),
    ([1, 2, 3], Marker("set", [1, 2, 3]), Marker("range", [1, 4, 1]), [[1, 2], 3], [{"a": 1}, 2, 3], list(range(30))),
    ("a/b", Marker("path", "a/b"), Marker("enum", "a/b"), Marker("bytes", "YS9i"), Marker("time", "2026-11-23")),
    (_LONG + "a" + _LONG, _LONG + "b" + _LONG, [_LONG, 1, _LONG], [_LONG, 2, _LONG], list(range(99)), list(range(98))),
    (0.1, math.nextafter(0.1, 1), 0.1 + 0.2, 0.3, 2**53, 2**53 + 1, float(2**53), 1e16),
    ("=1+1", "<b>", "%{x}", "\x1b[31m", "\0", "\u2028", "\x85", "é", "a\nb", "'", '"', "${a}", "[bold]"),
)
"""Values that are written, read, counted or compared alike somewhere, and are not the same."""

_HARD = (
    "a.b",
    "a[0]",
    "[0]",
    "'",
    '"',
    "a b",
    "a\nb",
    "\x1b[31m",
    "\0",
    "\u2028",
    "\x85",
    "x" * 200,
    "=k",
    "<b>",
    "%{x}",
)
_MEANT = ("step", "reward", "max_steps", "config", "run", "[bold]", "${a}", "null", "1", "-", "*", "?")
hard_keys = keys | st.sampled_from(_HARD + _MEANT)
values = scalars | st.sampled_from([value for family in LOOKALIKES for value in family])
_ADDED = st.dictionaries(hard_keys, values, max_size=3) | st.lists(values, max_size=3) | values
_NESTED = values | st.dictionaries(hard_keys, values, min_size=1, max_size=2) | st.lists(values, min_size=1, max_size=3)


def places(tree, at=()):
    """Every place in objects and lists, the innermost ones last."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for part, value in inner:
        yield (*at, part)
        yield from places(value, (*at, part))


def at(tree, path):
    for part in path:
        tree = tree[part]
    return tree


def put(tree, path, value):
    """A copy of *tree* with another value at *path*."""
    if not path:
        return value
    part, *rest = path
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[part] = put(tree[part], rest, value)
    return copy


def without(tree, path):
    """A copy of *tree* that does not have *path*."""
    *outer, last = path
    inside = at(tree, outer)
    left = [inside[key] for key in range(len(inside)) if key != last] if isinstance(inside, list) else dict(inside)
    if isinstance(left, dict):
        del left[last]
    return put(tree, outer, left)


def lookalikes(value):
    """The other values of its families; of a value without one, what it may be taken for as a text."""
    families = [family for family in LOOKALIKES if any(same(value, member) for member in family)]
    found = [member for family in families for member in family if not same(value, member)]
    return st.sampled_from(found) if found else st.sampled_from(["", None, str(value)[:20]])


def _of_object(draw, tree):
    edits = ["add", "add", "empty", "list"] + (["remove", "rename", "reorder"] if tree else [])
    match draw(st.sampled_from(edits)):
        case "add":
            return {**tree, draw(hard_keys): draw(_ADDED)}
        case "empty":
            return {}
        case "list":
            return list(tree.values())
        case "reorder":
            return dict(reversed(tree.items()))
        case edit:
            name = draw(st.sampled_from(list(tree)))
            new = {} if edit == "remove" else {draw(hard_keys): tree[name]}
            return {key: value for key, value in tree.items() if key != name} | new


def _of_list(draw, tree):
    match draw(st.sampled_from(["grow", "grow", "shrink", "empty", "turn", "object", "set"])):
        case "grow":
            place = draw(st.integers(0, len(tree)))
            return [*tree[:place], draw(_ADDED), *tree[place:]]
        case "shrink":
            return tree[:-1]
        case "empty":
            return []
        case "turn":
            return tree[::-1]
        case "object":
            return {str(index): value for index, value in enumerate(tree)}
        case _:
            return Marker("set", [value for value in tree if not isinstance(value, dict | list)])


@st.composite
def edited(draw, config):
    """*config* with one place of it made something else."""
    path = draw(st.sampled_from([(), *places(config)]))
    value = at(config, path)
    if not path:
        return {**config, draw(hard_keys): draw(_ADDED)}
    if draw(st.integers(0, 3)) == 0:
        return without(config, path)
    if isinstance(value, dict | list) and draw(st.booleans()):
        return put(config, path, (_of_object if isinstance(value, dict) else _of_list)(draw, value))
    return put(config, path, draw(lookalikes(value) | values))


@st.composite
def sequences(draw, *, least: int = 2, most: int = 4, edits: int = 3):
    """Configs each of which comes of an earlier one by a few edits; some come again."""
    found = [draw(configs | st.dictionaries(hard_keys, _NESTED, min_size=1, max_size=4))]
    for _ in range(draw(st.integers(least, most)) - 1):
        config = draw(st.sampled_from(found)) if draw(st.booleans()) else found[-1]
        for _ in range(draw(st.integers(int(config is found[-1]), edits))):
            config = draw(edited(config))
        found.append(config)
    return found


pairs = sequences(most=2)


_DEAR = 10


def fewer(divisor: int) -> Callable:
    """The settings of a law whose examples are dear: so many times fewer; the dearest do not shrink."""
    return settings(
        phases=[phase for phase in settings.default.phases if divisor < _DEAR or phase is not Phase.shrink],
        max_examples=max(2, settings.default.max_examples // divisor),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
