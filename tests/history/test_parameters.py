"""Each parameter by itself, compared with a reference that asks every slot at every step."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import isnan

from hypothesis import given
from hypothesis import strategies as st
from related import fewer, sequences

from envcfg.core.diff import ABSENT, identity
from envcfg.core.encoding import digest
from envcfg.core.record import Record
from envcfg.core.tree import leaves
from envcfg.history import parameters
from envcfg.history.adoptions import Adoption, Adoptions, Place
from envcfg.history.changes import Changes
from envcfg.history.lives import Life, Lives
from envcfg.history.occupancy import occupancy
from envcfg.history.parameters import Parameters, over
from envcfg.history.spread import FEW, Spread, ranks, spread

END = None


@st.composite
def plans(draw):
    """Configs that come of each other, and events (step, slot, which config): a slot adopts one, or ends."""
    configs = draw(sequences(most=6))
    events, step = [], 0
    for _ in range(draw(st.integers(1, 24))):
        step += draw(st.integers(0, 3))
        events.append((step, draw(st.integers(0, 3)), draw(st.sampled_from([END, *range(len(configs))]))))
    return configs, events


def read(configs, events):
    """The parameters of these events, and for each step the config of each living slot after it."""
    records, lives, living, digests = [], [], {}, list(map(digest, configs))
    for step, slot, config in events:
        place = Place(0, 0, slot)
        if config is not END:
            if slot not in living:
                living[slot] = len(lives)
                lives.append(Life(place, step, len(records)))
            records.append(Adoption(place, Record(step, slot, digests[config], float(step))))
        elif slot in living:
            number = living.pop(slot)
            lives[number] = replace(lives[number], ended=step, stop=len(records), reason="closed")
    adoptions = Adoptions.of(records)
    spans = Lives(lives, rows=len(records), last_step=events[-1][0])
    after = {}
    for step, _, _ in events:
        stop = adoptions.row_at(step)
        held = adoptions.held_before(stop)
        after[step] = [records[held[place]].record.config for place in spans.alive(step, stop)]
    known = dict(zip(digests, configs, strict=True))
    return Parameters(occupancy(adoptions, spans), Changes(adoptions), known), after, known


def value(config, path):
    return identity(dict(leaves(config)).get(path, ABSENT))


def told(found):
    return {identity(each): weight for each, weight in zip(found.values, found.weights, strict=True)}


@fewer(2)
@given(plans())
def test_a_parameter_has_at_each_step_the_values_of_the_living_slots(plan):
    parameters, after, known = read(*plan)
    for path in parameters.varying:
        steps, spreads = parameters.moved(path, parameters.ranges([0, 1]))
        for step, living in after.items():
            truth = Counter(value(known[name], path) for name in living)
            found = [each for start, each in zip(steps, spreads, strict=True) if start <= step]
            if truth:
                assert told(found[-1]) == truth
                assert found[-1].slots == len(living)


@fewer(2)
@given(plans(), st.lists(st.integers(0, 80), min_size=2, max_size=5, unique=True).map(sorted))
def test_over_a_range_of_steps_each_value_counts_for_as_long_as_slots_had_it(plan, edges):
    parameters, after, known = read(*plan)
    for path in parameters.varying:
        steps, spreads = over(parameters.varying[path], parameters.ranges(edges))
        found = dict(zip(steps, spreads, strict=True))
        for low, high in pairwise(edges):
            truth, most = Counter(), 0
            for step in range(low, high):
                living = next((after[at] for at in range(step, -1, -1) if at in after), [])
                truth.update(value(known[name], path) for name in living)
                most = max(most, len(living))
            assert (low in found) == bool(truth)
            if truth:
                assert found[low].slots == most
                shares = dict(zip(map(identity, found[low].values), found[low].shares, strict=True))
                total = sum(truth.values())
                assert shares == {key: count / total for key, count in truth.items()}


@fewer(2)
@given(plans())
def test_a_parameter_counts_the_changes_that_changed_it_in_any_slot(plan):
    configs, events = plan
    parameters, *_ = read(configs, events)
    changes = parameters._changes
    held, truth = {}, {path: set() for path in parameters.varying}
    for row, (_, slot, config) in enumerate(event for event in events if event[2] is not END):
        before, held[slot] = held.get(slot), configs[config]
        for path in truth if before is not None else ():
            if value(before, path) != value(held[slot], path):
                truth[path].add(changes.numbers[row])
    assert parameters.changes == {path: len(numbers) for path, numbers in truth.items() if numbers}


@given(st.lists(st.sampled_from([0, 1, 1.0, True, None, "a", 2.5, float("nan"), ABSENT]), min_size=1, max_size=30))
def test_the_weights_of_a_spread_are_the_slots_of_each_value(held):
    positions = {}
    index = [positions.setdefault(identity(each), len(positions)) for each in held]
    values = [held[index.index(position)] for position in range(len(positions))]
    found = spread(Counter(index), values, ranks(values), len(held))
    assert told(found) == Counter(map(identity, held))
    assert found.is_one == (len(positions) == 1)
    numbers = sorted(each for each in held if type(each) in (int, float) and not isnan(each))
    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        cut = found.quantile(share)
        if numbers:
            assert sum(each <= cut for each in numbers) >= share * len(numbers) - 1e-9
            assert sum(each < cut for each in numbers) < share * len(numbers)
        else:
            assert cut is None


def test_numbers_have_quantiles_only_if_there_are_many_of_them():
    few, many = (Spread(tuple(range(count)), (1,) * count, count) for count in (FEW, FEW + 1))
    assert (few.has_quantiles, many.has_quantiles) == (False, True)
    assert not Spread((*range(9), "a"), (1,) * 10, 10).has_quantiles
    assert Spread((*range(9), None), (1,) * 10, 10).has_quantiles


def test_a_value_that_no_slot_has_any_more_is_not_looked_at_again():
    counts = Counter()
    for task in range(100):
        parameters._add(counts, task, 1)
        parameters._add(counts, task - 1, -1)
    assert counts == {-1: -1, 99: 1}
