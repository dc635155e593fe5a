from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from envcfg.core.encoding import digest, encode
from envcfg.core.record import Stored
from envcfg.journal.configs import Configs
from envcfg.journal.format import ConfigLine, config_line

CONFIGS = [{"a": number, "walls": [0] * 30} for number in range(4)]
DIGESTS = [digest(config) for config in CONFIGS]
WHOLE, TORN = "whole", "torn"

segments = st.lists(
    st.dictionaries(st.sampled_from(range(4)), st.sampled_from([WHOLE, TORN, 0, 1, 2, 3]), max_size=4), max_size=4
)
"""The configs in each segment: whole, whole under a wrong digest, or as the difference from another one."""


def line(number, said):
    if said == TORN:
        return ConfigLine(DIGESTS[number], full=Raw(b'{"other":1}'))
    bases = [] if said == WHOLE else [Stored(DIGESTS[said], CONFIGS[said])]
    return config_line(Stored(DIGESTS[number], CONFIGS[number]), bases)


def configs(given_segments):
    return Configs([{DIGESTS[number]: line(number, said) for number, said in each.items()} for each in given_segments])


def known(given_segments):
    """The configs that can be restored: whole ones, and those whose base can be restored."""
    found = set()
    for _ in CONFIGS:
        found |= {number for each in given_segments for number, said in each.items() if said == WHOLE or said in found}
    return found


@given(segments, st.permutations(range(4)))
def test_every_config_that_can_be_restored_is_restored_in_any_order(given_segments, order):
    found = configs(given_segments)
    found_configs = {number: encode(found[DIGESTS[number]]) for number in order if DIGESTS[number] in found}
    assert found_configs == {number: encode(CONFIGS[number]) for number in known(given_segments)}


def test_a_cycle_of_bases_does_not_lose_a_config_that_another_segment_has():
    found = configs([{0: 1}, {0: WHOLE}, {1: 0}])
    assert DIGESTS[0] in found
    assert DIGESTS[1] in found
