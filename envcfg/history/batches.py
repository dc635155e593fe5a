"""Requests that were made at once, with a value for each slot: their adoptions are one change."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from envcfg.history.answers import Answer, Requested


def batches(requests: Sequence[Requested], answers: Iterable[Answer]) -> Mapping[int, int]:
    """For each row by which a slot adopted its part of a batch, the number of the batch."""
    of_request = {number: batch for batch, numbers in enumerate(_batches(requests)) for number in numbers}
    return {
        answer.row: of_request[answer.number] for answer in answers if answer.row >= 0 and answer.number in of_request
    }


def has_batches(requests: Sequence[Requested]) -> bool:
    """Whether any requests were made at once."""
    return any(True for _ in _batches(requests))


def _batches(requests: Sequence[Requested]) -> Iterator[list[int]]:
    """The numbers of the requests of each batch: neighbours of one step and cause, each for other slots."""
    numbers: list[int] = []
    slots: set[int] = set()
    for number, asked in enumerate(requests, 1):
        own = set(asked.request.slots or ())
        if numbers and own and not own & slots and _kin(requests[number - 2]) == _kin(asked):
            numbers.append(number)
            slots |= own
            continue
        if len(numbers) > 1:
            yield numbers
        numbers, slots = [number] if own else [], own
    if len(numbers) > 1:
        yield numbers


def _kin(asked: Requested) -> tuple[object, ...]:
    return asked.rank, asked.request.step, asked.request.epoch, asked.request.cause
