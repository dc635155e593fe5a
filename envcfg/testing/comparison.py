"""Compares a recording with the books of the environments that it recorded."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from os import PathLike
from typing import Any, Final

from envcfg.core.diff import same
from envcfg.history.history import History
from envcfg.testing.spy import Book, SpyEnv, books

_MOST: Final = 10
"""The most differences that an error names."""


def assert_books(history: History, folder: str | PathLike[str], attributes: Sequence[str] = SpyEnv.parameters) -> None:
    """Raise `AssertionError` unless *history* equals the books in *folder*, slot by slot and reset by reset.

    *attributes* are the recorded keys that are compared. The error names the first differences.
    """
    found = differences(history, books(folder), attributes)
    if found:
        more = f"\n... and {len(found) - _MOST} more" if len(found) > _MOST else ""
        raise AssertionError("the recording differs from the books:\n" + "\n".join(found[:_MOST]) + more)


def differences(history: History, books: Sequence[Book], attributes: Sequence[str] = SpyEnv.parameters) -> list[str]:
    """Return a sentence for each difference between *history* and *books*, which have one book for each slot.

    A reset that changed nothing is no record of its own. It is only counted.
    """
    recorded = _recorded(history, attributes)
    found = [f"slot {slot} was recorded and has no book" for slot in sorted(recorded.keys() - range(len(books)))]
    for slot, book in enumerate(books):
        found += _of_slot(slot, _changes(book, attributes), recorded.get(slot, []))
    resets, counted = sum(map(len, books)), sum(history.adopted.values())
    if resets != counted:
        found.append(f"the books have {resets:,} resets, and {counted:,} were counted")
    return found


def _of_slot(slot: int, ran: Book, recorded: Book) -> Iterator[str]:
    for number, (one, other) in enumerate(zip_longest(ran, recorded)):
        if other is None:
            yield f"slot {slot}, config {number}: ran {one}, and nothing was recorded"
        elif one is None:
            yield f"slot {slot}, config {number}: recorded {other}, and nothing else ran"
        elif not all(same(one[name], other[name]) for name in one):
            yield f"slot {slot}, config {number}: ran {one}, recorded {other}"


def _recorded(history: History, attributes: Sequence[str]) -> dict[int, Book]:
    found: dict[int, Book] = {}
    for adoption in history.adoptions:
        config: Any = history.config(adoption.record.config)
        found.setdefault(adoption.place.slot, []).append({name: config.get(name) for name in attributes})
    return found


def _changes(book: Book, attributes: Sequence[str]) -> Book:
    """The rows of a book that differ from the row before."""
    rows = [{name: row[name] for name in attributes} for row in book]
    return [row for before, row in zip([None, *rows], rows, strict=False) if row != before]
