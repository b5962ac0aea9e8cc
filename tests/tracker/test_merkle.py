"""The tree of RFC 9162, held against its own definition and against another library."""

import hashlib

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.proofs import merkle

SIZES = range(34)
LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(64)]


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


@pytest.mark.parametrize("size", SIZES)
def test_root_is_the_one_of_the_definition_and_of_another_library(size):
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for n in range(size):
        other.append_entry(bytes([n]))

    assert merkle.root(LEAVES[:size]) == by_definition(LEAVES[:size])
    assert size == 0 or merkle.root(LEAVES[:size]) == other.get_state()


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_is_proved_at_its_place_and_nowhere_else(size):
    root = merkle.root(LEAVES[:size])
    for position in range(size):
        path = merkle.inclusion(position, size, merkle.stretch_of(LEAVES[:size]))
        assert merkle.includes(LEAVES[position], position, size, path, root)
        assert not merkle.includes(LEAVES[63], position, size, path, root)
        assert not merkle.includes(LEAVES[position], position, size, [*path, root], root)
        assert not path or not merkle.includes(LEAVES[position], position, size, path[:-1], root)
        others = [n for n in range(size) if n != position]
        assert not any(merkle.includes(LEAVES[position], other, size, path, root) for other in others)


@pytest.mark.parametrize("size", SIZES)
def test_every_beginning_is_proved_and_no_other_tree(size):
    root = merkle.root(LEAVES[:size])
    for old in range(size + 1):
        path = merkle.consistency(old, size, merkle.stretch_of(LEAVES[:size]))
        assert merkle.extends(old, merkle.root(LEAVES[:old]), size, root, path)
        assert old == 0 or not merkle.extends(old, merkle.root(LEAVES[1 : old + 1]), size, root, path)
        assert not merkle.extends(old, merkle.root(LEAVES[:old]), size, LEAVES[63], path) or old == 0


@pytest.mark.parametrize("size", range(1, 34))
def test_another_library_finds_every_leaf_and_every_beginning_in_our_roots(size):
    other = pymerkle.InmemoryTree(algorithm="sha256")
    for n in range(size):
        other.append_entry(bytes([n]))
    root = merkle.root(LEAVES[:size])
    for n in range(size):
        pymerkle.verify_inclusion(LEAVES[n], root, other.prove_inclusion(n + 1, size))
        pymerkle.verify_consistency(merkle.root(LEAVES[: n + 1]), root, other.prove_consistency(n + 1, size))
    with pytest.raises(pymerkle.InvalidProof):
        pymerkle.verify_inclusion(LEAVES[63], root, other.prove_inclusion(1, size))


@given(st.integers(0, 400), st.integers(0, 400))
def test_growing_tree_goes_on_from_any_size(size, more):
    leaves = [merkle.leaf_hash(n.to_bytes(2, "big")) for n in range(size + more)]
    first = merkle.Growing()
    for leaf in leaves[:size]:
        first.add(leaf)
    second = merkle.Growing(first.size, first._peaks)
    for leaf in leaves[size:]:
        second.add(leaf)

    assert second.root() == merkle.root(leaves)


@pytest.mark.parametrize(("position", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_leaf_that_is_not_there_has_no_proof(position, size):
    with pytest.raises(ValueError, match="There is no leaf"):
        merkle.inclusion(position, size, merkle.stretch_of(LEAVES[:size]))


def test_longer_tree_is_no_beginning_of_a_shorter_one():
    with pytest.raises(ValueError, match="cannot be the beginning"):
        merkle.consistency(4, 3, merkle.stretch_of(LEAVES[:3]))
