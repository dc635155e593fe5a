"""Generated journal entries, and a journal of one of each kind."""

from hypothesis import strategies as st
from strategies import configs

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
            records(digests) | requests(digests) | mixes | epochs | phases | jobs | concurrent | failures | endings,
            max_size=12,
        )
    )
    return [*held, *rest]
