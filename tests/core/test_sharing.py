from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, trees

from envcfg.core.diff import diff
from envcfg.core.encoding import encode
from envcfg.core.sharing import shared


@given(st.lists(trees, max_size=4))
def test_shared_trees_are_written_like_the_ones_they_copy(several):
    assert [encode(tree) for tree in shared(several)] == [encode(tree) for tree in several]


@given(trees)
def test_what_is_written_alike_is_one_object(tree):
    one, other = shared([{"a": tree}, {"b": tree, "c": [tree]}])
    assert one["a"] is other["b"] is other["c"][0]


@given(configs, configs)
def test_sharing_does_not_change_what_differs(before, after):
    assert [repr(edit) for edit in diff(*shared([before, after]))] == [repr(edit) for edit in diff(before, after)]
