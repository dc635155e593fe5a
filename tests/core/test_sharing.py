from hypothesis import given
from hypothesis import strategies as st
from strategies import configs, trees

from envcfg.core.diff import diff
from envcfg.core.encoding import encode
from envcfg.core.sharing import shared


@given(st.lists(trees, max_size=4))
def test_shared_trees_have_the_encodings_of_the_originals(several):
    assert [encode(tree) for tree in shared(several)] == [encode(tree) for tree in several]


@given(trees)
def test_equal_values_become_one_object(tree):
    one, other = shared([{"a": tree}, {"b": tree, "c": [tree]}])
    assert one["a"] is other["b"] is other["c"][0]


@given(configs, configs)
def test_sharing_does_not_change_the_diff(before, after):
    assert [repr(edit) for edit in diff(*shared([before, after]))] == [repr(edit) for edit in diff(before, after)]
