"""Trees that share equal subtrees as one object, so that many trees can be compared quickly."""

from collections.abc import Hashable, Iterable

from envcfg.core.tree import Marker, Tree


def shared(trees: Iterable[Tree]) -> list[Tree]:
    """Copies of *trees* in which equal subtrees are the same object. Do not modify the copies.

    The method is hash consing (Ershov 1958). `diff` skips subtrees that two trees share.
    """
    known: dict[Hashable, Tree] = {}
    return [_shared(tree, known) for tree in trees]


def _shared(tree: Tree, known: dict[Hashable, Tree]) -> Tree:
    key: Hashable
    if isinstance(tree, dict):
        tree = {name: _shared(value, known) for name, value in tree.items()}
        key = (dict, tuple([(name, id(value)) for name, value in tree.items()]))
    elif isinstance(tree, list):
        tree = [_shared(value, known) for value in tree]
        key = (list, tuple(map(id, tree)))
    elif isinstance(tree, Marker):
        tree = Marker(tree.kind, _shared(tree.value, known))
        key = (Marker, tree.kind, id(tree.value))
    elif isinstance(tree, float):
        key = (float, repr(tree))  # -0.0 is not 0.0, and every NaN is the same
    else:
        key = (type(tree), tree)
    return known.setdefault(key, tree)
