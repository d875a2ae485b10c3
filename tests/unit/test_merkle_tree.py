"""The tree's mathematics: published vectors, and a naive recursion straight from RFC 9162 to compare with."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.merkle import tree
from vault.merkle.checks import ProofFails, check_consistency, check_inclusion

# The eight leaves, roots and proofs of certificate-transparency's and transparency-dev/merkle's test data.
LEAVES = [bytes.fromhex(h) for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
_L0 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
_L1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_L4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
_L6 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
_N01 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
_N23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_N45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
_N67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
_N03 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
_N47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
INCLUSION = [  # index, size, path
    (0, 1, []),
    (0, 8, [_L1, _N23, _N47]),
    (5, 8, [_L4, _N67, _N03]),
    (2, 3, [_N01]),
    (1, 5, [_L0, _N23, _L4]),
]
CONSISTENCY = [  # old, new, path
    (1, 1, []),
    (1, 8, [_L1, _N23, _N47]),
    (6, 8, [_N45, _N67, _N03]),
    (2, 5, [_N23, _L4]),
    (6, 7, [_N45, _L6, _N03]),
]


def nodes_of(hashes: Sequence[bytes]) -> tree.Nodes:
    """Every complete subtree of these leaf hashes."""
    levels = [list(hashes)]
    while len(levels[-1]) > 1:
        last = levels[-1]
        levels.append([tree.node_hash(last[n], last[n + 1]) for n in range(0, len(last) - 1, 2)])
    return lambda level, index: levels[level][index]


# Straight from the RFC, word for word.


def mth(d: Sequence[bytes]) -> bytes:
    if not d:
        return tree.EMPTY
    if len(d) == 1:
        return d[0]
    k = _k(len(d))
    return tree.node_hash(mth(d[:k]), mth(d[k:]))


def path(m: int, d: Sequence[bytes]) -> list[bytes]:
    if len(d) == 1:
        return []
    k = _k(len(d))
    return [*path(m, d[:k]), mth(d[k:])] if m < k else [*path(m - k, d[k:]), mth(d[:k])]


def subproof(m: int, d: Sequence[bytes], known: bool) -> list[bytes]:
    if m == len(d):
        return [] if known else [mth(d)]
    k = _k(len(d))
    return [*subproof(m, d[:k], known), mth(d[k:])] if m <= k else [*subproof(m - k, d[k:], False), mth(d[:k])]


def _k(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


HASHES = [tree.leaf_hash(leaf) for leaf in LEAVES]
MANY = [tree.leaf_hash(str(n).encode()) for n in range(400)]


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots(size: int) -> None:
    """From the empty tree to eight leaves."""
    assert tree.root(size, nodes_of(HASHES[:size])).hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "steps"), INCLUSION)
def test_the_published_inclusion_proofs(index: int, size: int, steps: list[str]) -> None:
    """Ours are the same, and they hold."""
    proof = tree.inclusion(index, size, nodes_of(HASHES[:size]))
    assert [p.hex() for p in proof] == steps
    check_inclusion(HASHES[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("old", "new", "steps"), CONSISTENCY)
def test_the_published_consistency_proofs(old: int, new: int, steps: list[str]) -> None:
    """Ours are the same, and they hold."""
    proof = tree.consistency(old, new, nodes_of(HASHES[:new]))
    assert [p.hex() for p in proof] == steps
    check_consistency(old, bytes.fromhex(ROOTS[old]), new, bytes.fromhex(ROOTS[new]), proof)


def test_every_size_is_as_the_rfc_says() -> None:
    """Roots for all sizes up to 400, all audit paths up to 70, all pairs of sizes up to 70."""
    for size in range(401):
        assert tree.root(size, nodes_of(MANY[:size])) == mth(MANY[:size])
    for size in range(1, 71):
        nodes = nodes_of(MANY[:size])
        for other in range(size):
            assert list(tree.inclusion(other, size, nodes)) == path(other, MANY[:size])
            assert list(tree.consistency(other + 1, size, nodes)) == subproof(other + 1, MANY[:size], True)


@given(st.data(), st.integers(1, 400))
def test_proofs_are_as_the_rfc_says_and_hold(data: st.DataObject, size: int) -> None:
    """Any leaf of any tree; any two trees."""
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    nodes, root = nodes_of(MANY[:size]), mth(MANY[:size])
    proof = tree.inclusion(index, size, nodes)
    assert list(proof) == path(index, MANY[:size])
    check_inclusion(MANY[index], index, size, proof, root)
    between = tree.consistency(old, size, nodes)
    assert list(between) == (subproof(old, MANY[:size], True) if old else [])
    check_consistency(old, mth(MANY[:old]), size, root, between)


@given(st.data(), st.integers(2, 400))
def test_an_altered_inclusion_proof_fails(data: st.DataObject, size: int) -> None:
    """Whatever is altered: leaf, place, size, root, a step, their number or order."""
    index = data.draw(st.integers(0, size - 1))
    root, proof = mth(MANY[:size]), list(tree.inclusion(index, size, nodes_of(MANY[:size])))
    wrong: list[tuple[bytes, int, int, list[bytes], bytes]] = [
        (MANY[(index + 1) % size], index, size, proof, root),
        (MANY[index], index, size, proof, MANY[0][::-1]),
        (MANY[index], index, size, [*proof, root], root),
        (MANY[index], index, size, proof[:-1], root),
        (MANY[index], index, size, proof[1:], root),
        (MANY[index], size, size, proof, root),
        (MANY[index], -1, size, proof, root),
        (MANY[index], index, size, [p[:-1] for p in proof], root),
    ]
    wrong += [(MANY[index], other, size, proof, root) for other in range(size) if other != index]
    n = data.draw(st.integers(0, len(proof) - 1))
    wrong.append((MANY[index], index, size, [*proof[:n], _flipped(proof[n]), *proof[n + 1 :]], root))
    for leaf, place, total, steps, top in wrong:
        with pytest.raises(ProofFails):
            check_inclusion(leaf, place, total, steps, top)


@given(st.data(), st.integers(2, 400))
def test_an_altered_consistency_proof_fails(data: st.DataObject, new: int) -> None:
    """Whatever is altered: a root, a size, a step, their number."""
    old = data.draw(st.integers(1, new - 1))
    roots, proof = (mth(MANY[:old]), mth(MANY[:new])), list(tree.consistency(old, new, nodes_of(MANY[:new])))
    n = data.draw(st.integers(0, len(proof) - 1))
    wrong: list[tuple[int, bytes, int, bytes, list[bytes]]] = [
        (old, _flipped(roots[0]), new, roots[1], proof),
        (old, roots[0], new, _flipped(roots[1]), proof),
        (old, roots[1], new, roots[0], proof),
        (old, roots[0], new, roots[1], []),
        (old, roots[0], new, roots[1], proof[:-1]),
        (old, roots[0], new, roots[1], [*proof, roots[1]]),
        (old, roots[0], new, roots[1], [roots[0], *proof]),
        (old, roots[0], new, roots[1], [*proof[:n], _flipped(proof[n]), *proof[n + 1 :]]),
        (new, roots[1], old, roots[0], proof),
        (new, roots[0], new, roots[1], []),
        (0, roots[0], new, roots[1], proof),
    ]
    for a, first, b, second, steps in wrong:
        with pytest.raises(ProofFails):
            check_consistency(a, first, b, second, steps)


def test_there_is_no_proof_of_what_is_not_there() -> None:
    """A leaf beyond the tree, a tree that shrinks."""
    nodes = nodes_of(HASHES)
    for index in (-1, 8):
        with pytest.raises(ValueError, match="no such leaf"):
            tree.inclusion(index, 8, nodes)
    with pytest.raises(ValueError, match="only grows"):
        tree.consistency(8, 7, nodes)


def _flipped(digest: bytes) -> bytes:
    return bytes([digest[0] ^ 8]) + digest[1:]
