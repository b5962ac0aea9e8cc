"""The program that checks on another machine has its own JSON and its own trees: other implementations say the same."""

import math
import struct

import pymerkle
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.log import resolves_verify
from tracker.proofs import canonical, merkle

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)  # a machine may be busy
@given(JSON)
def test_canonical_json_is_that_of_the_other_implementations(value):
    assert resolves_verify.canonical(value) == rfc8785.dumps(value) == canonical.canonical(value)


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_every_fraction_is_written_as_in_the_other_implementation(bits):
    value = struct.unpack(">d", bits.to_bytes(8, "big"))[0]
    if math.isfinite(value):
        assert resolves_verify.canonical(value) == rfc8785.dumps(value)


def test_names_are_sorted_by_their_utf_16_units():
    assert resolves_verify.canonical({"\ue000": 1, "\U00010000": 2}) == '{"\U00010000":2,"\ue000":1}'.encode()


@pytest.mark.parametrize("value", [2**53, -(2**53), math.inf, math.nan, "\ud800", {"\ud800": 1}])
def test_what_json_cannot_hold_is_refused(value):
    with pytest.raises(resolves_verify.Unreadable):
        resolves_verify.canonical(value)


@pytest.mark.parametrize("size", range(1, 34))
def test_its_tree_is_that_of_another_library_and_of_ours(size):
    other, tree = pymerkle.InmemoryTree(algorithm="sha256"), resolves_verify.Tree()
    for n in range(size):
        other.append_entry(bytes([n]))
        tree.add(resolves_verify.leaf_hash(bytes([n])))
    leaves = [merkle.leaf_hash(bytes([n])) for n in range(size)]
    new = resolves_verify.Head("x", size, tree.root(), "", [])

    assert tree.root() == other.get_state() == merkle.root(leaves)
    for n in range(size):
        path = merkle.inclusion(n, size, merkle.stretch_of(leaves))
        assert resolves_verify.root_by_inclusion(leaves[n], n, size, path) == tree.root()
        old = resolves_verify.Head("x", n, merkle.root(leaves[:n]), "", [])
        proof = merkle.consistency(n, size, merkle.stretch_of(leaves))
        assert resolves_verify.goes_on(old, new, proof)
        assert n == 0 or not resolves_verify.goes_on(old._replace(root=b"\x07" * 32), new, proof)
        assert not resolves_verify.goes_on(old, new, [*proof, b"\x07" * 32])
