from hypothesis import given
from hypothesis import strategies as st

from envcfg.tracking.capture.lru import LRUCache


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), max_size=60), st.integers(0, 100))
def test_the_most_recently_used_entries_are_kept_within_the_limit_and_the_latest_one_always(used, most):
    recent, order, sizes = LRUCache(most), [], {}
    for key, size in used:
        value = recent.get(key)
        assert (value is None) == (key not in order)
        if value is None:
            recent.keep(key, f"value {key}", size)
            sizes[key] = size
        else:
            assert value == f"value {key}"
            order.remove(key)
        order.append(key)
        while sum(sizes[kept] for kept in order) > most and len(order) > 1:
            del order[0]
    assert [key for key in range(10) if recent.get(key) is not None] == sorted(order)
