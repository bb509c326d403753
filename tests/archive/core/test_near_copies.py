import numpy as np

from backend.archive.core.near_copies import (
    FAR,
    MOST_BITS,
    best_copy,
    bits_to_better_copy,
    copy_groups,
    nearest_better,
)


def turned(hash_, count, rng):
    bits = np.unpackbits(hash_)
    bits[rng.choice(256, count, replace=False)] ^= 1
    return np.packbits(bits)


def one_by_one(hashes, quality):
    bits = np.bitwise_count(hashes[:, None] ^ hashes[None]).sum(axis=-1, dtype=int)
    found = np.full(len(hashes), FAR)
    for film in range(len(hashes)):
        better = (quality > quality[film]) & (bits[film] <= MOST_BITS)
        if better.any():
            found[film] = bits[film][better].min()
    return found


def test_the_search_finds_what_comparing_every_pair_finds():
    rng = np.random.default_rng(1)
    originals = rng.integers(0, 256, (60, 32), dtype=np.uint8)
    copies = [turned(originals[rng.integers(60)], rng.integers(0, 45), rng) for _ in range(140)]
    hashes, quality = np.concatenate([originals, np.stack(copies)]), rng.permutation(200)
    found = bits_to_better_copy(hashes, quality)
    assert 50 < (found < FAR).sum() < 140
    np.testing.assert_array_equal(found, one_by_one(hashes, quality))


def test_many_films_of_one_hash_are_copies_of_the_best_of_them():
    hashes, quality = np.zeros((5000, 32), np.uint8), np.random.default_rng(2).permutation(5000)
    found = bits_to_better_copy(hashes, quality)
    assert (found == 0).sum() == 4999
    assert found[quality.argmax()] == FAR


def test_no_films_have_no_copies():
    nothing = bits_to_better_copy(np.zeros((0, 32), np.uint8), np.zeros(0, int))
    assert nothing.shape == (0,)


def test_what_stays_is_itself_a_copy_of_none_however_many_copies_lead_to_it():
    rng = np.random.default_rng(7)
    chain = [rng.integers(0, 256, 32, dtype=np.uint8)]
    for _ in range(4):
        chain.append(turned(chain[-1], 20, rng))
    hashes, quality = np.stack(chain), np.arange(5, 0, -1)
    assert [best_copy(hashes, quality, place) for place in range(5)] == [None, 0, 0, 0, 0]


def test_the_film_that_a_copy_is_of_is_as_near_as_the_search_says():
    rng = np.random.default_rng(4)
    originals = rng.integers(0, 256, (20, 32), dtype=np.uint8)
    copies = [turned(originals[rng.integers(20)], rng.integers(0, 45), rng) for _ in range(40)]
    hashes, quality = np.concatenate([originals, np.stack(copies)]), rng.permutation(60)
    bits = bits_to_better_copy(hashes, quality)
    nearest = [nearest_better(hashes, quality, place) for place in range(60)]
    assert [place is None for place in nearest] == (bits == FAR).tolist()
    assert sum(better is not None for better in nearest) > 10
    for place, better in enumerate(nearest):
        if better is not None:
            assert quality[better] > quality[place]
            between = np.bitwise_count(hashes[place] ^ hashes[better]).sum()
            assert between == bits[place]


def test_copies_and_copies_of_copies_are_one_group():
    rng = np.random.default_rng(6)
    one, other = rng.integers(0, 256, (2, 32), dtype=np.uint8)
    copy, copy_of_copy = one.copy(), one.copy()
    copy[:2] ^= 255
    copy_of_copy[:4] ^= 255
    groups = copy_groups(np.stack([one, other, copy, copy_of_copy, one]))
    assert groups[0] == groups[2] == groups[3] == groups[4] != groups[1]


def test_no_films_make_no_groups():
    assert copy_groups(np.zeros((0, 32), dtype=np.uint8)).shape == (0,)
