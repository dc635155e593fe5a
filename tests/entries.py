"""Generated journal entries, and a journal of one of each kind."""

import numpy as np
from hypothesis import strategies as st
from strategies import configs

from envcfg.core.drawn import Draws, Sample
from envcfg.core.encoding import digest
from envcfg.core.record import (
    Cause,
    Concurrent,
    Ending,
    EpochEnd,
    Failure,
    Job,
    Mix,
    Phase,
    Record,
    Request,
    Returns,
    Stored,
)
from envcfg.tracking.draws.summary import summaries

counts = st.integers(0, 2**40)
maybe_small_counts = st.none() | st.integers(0, 2**31 - 1)
maybe_counts = st.none() | counts
times = st.integers(1_700_000_000_000, 1_900_000_000_000).map(lambda millis: millis / 1_000)
words = st.text(max_size=8)
finite = st.floats(allow_nan=False, allow_infinity=False)

causes = st.builds(Cause, words, st.none() | words, st.none() | finite, st.none() | finite, st.none() | words)
stored = configs.map(lambda config: Stored(digest(config), config))
returns = st.builds(Returns, counts, finite, st.none() | finite, st.none() | finite)
mixes = st.builds(
    Mix,
    counts,
    times,
    maybe_counts,
    st.none() | st.dictionaries(words, finite),
    st.dictionaries(words, counts),
    st.none() | st.dictionaries(words, returns, min_size=1),
)
drawn = st.lists(st.integers(-9, 9) | finite, min_size=1, max_size=60).map(
    lambda values: summaries({0: np.array(values)})[0]
)
samples = st.builds(
    Sample,
    counts,
    st.just((3, 5)),
    st.just((7, 9)),
    st.just((0, 1)),
    st.dictionaries(words, st.tuples(st.none() | finite, st.integers() | words), max_size=2),
)
draws = st.builds(
    Draws,
    counts,
    counts,
    times,
    counts,
    counts,
    st.dictionaries(words, drawn, min_size=1, max_size=3),
    maybe_small_counts,
    st.none() | words,
    st.none() | words,
    st.none() | samples,
)
epochs = st.builds(EpochEnd, counts, counts, times, maybe_counts)
phases = st.builds(Phase, counts, times, counts, st.none() | words, counts, counts)
jobs = st.builds(Job, times, st.none() | words, st.none() | words, st.lists(words, max_size=3).map(tuple))
concurrent = st.builds(Concurrent, words, times)
failures = st.builds(Failure, words, words, counts, times)
endings = st.builds(
    Ending,
    st.sampled_from(["completed", "failed", "interrupted"]),
    times,
    maybe_counts,
    maybe_counts,
    st.booleans(),
    maybe_counts,
    st.none() | st.dictionaries(words, counts, min_size=1),
)


def records(digests):
    return st.builds(
        Record,
        counts,
        st.integers(0, 5000),
        st.sampled_from(digests),
        times,
        maybe_small_counts,
        maybe_small_counts,
        st.none() | words,
        st.none() | st.sampled_from(digests),
        maybe_counts,
        st.none() | causes,
    )


def requests(digests):
    return st.builds(
        Request,
        counts,
        st.sampled_from(digests),
        times,
        st.none() | st.lists(st.integers(0, 5000), max_size=3).map(tuple),
        maybe_small_counts,
        st.none() | words,
        st.none() | causes,
    )


@st.composite
def entries(draw):
    """Configs first, then records that refer to them, then the rest, in any mixture."""
    held = draw(st.lists(stored, min_size=1, max_size=4, unique_by=lambda entry: entry.digest))
    digests = [entry.digest for entry in held]
    rest = draw(
        st.lists(
            records(digests)
            | requests(digests)
            | mixes
            | draws
            | epochs
            | phases
            | jobs
            | concurrent
            | failures
            | endings,
            max_size=12,
        )
    )
    return [*held, *rest]
