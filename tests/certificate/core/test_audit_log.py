"""From draws and looks to the log: every rule of the facts, section 5."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from backend.base.core.errors import RadsieveError
from backend.certificate.core.audit_log import (
    AuditHistory,
    DrawnBatch,
    Looked,
    LookState,
    UnusableBatch,
    read_history,
    restricted,
)
from backend.certificate.core.bound import ALPHA, AuditLog, Run, RunEnd, bad_at_most
from backend.certificate.core.certificate import certify
from backend.labels.core.labels import Slice
from backend.review.core.ranking.pool import Pool
from backend.review.core.ranking.rank import BatchShape, rank_for_review

GOOD, BAD, OPEN = LookState.GOOD, LookState.BAD, LookState.OPEN


def batch(number=1, *, drawn_from, ranked="", drawn="", films=100, aside=""):
    """Return a batch whose film ids are single letters."""
    return DrawnBatch(number, films, drawn_from, tuple(ranked), tuple(drawn), tuple(aside))


def looked(batches_before=1, **letters):
    """Return looks: `good="ab", bad="c"`."""
    return {
        film: Looked(LookState(verdict), batches_before)
        for verdict, films in letters.items()
        for film in films
    }


def history(batches, looks, films=100):
    return AuditHistory(films, tuple(batches), looks)


def test_ranked_looks_come_before_the_draws_of_their_batch():
    one = batch(drawn_from=96, ranked="abcd", drawn="efgh")
    reading = read_history(history([one], looked(good="acdefh", bad="bg")))
    runs = (Run(96, 1, 2, RunEnd.FIND), Run(93, 2, 1))
    assert reading.log == AuditLog(100, runs, found=2, unreviewed=92)
    assert (reading.unusable, reading.waiting) == ((), ())


def test_draws_count_in_the_order_in_which_they_were_drawn():
    early = batch(drawn_from=100, drawn="abc")
    late = batch(drawn_from=100, drawn="bca")
    looks = looked(good="bc", bad="a")
    assert read_history(history([early], looks)).log.runs == (
        Run(100, 0, 0, RunEnd.FIND),
        Run(99, 1, 2),
    )
    assert read_history(history([late], looks)).log.runs == (Run(100, 0, 2, RunEnd.FIND),)


def test_of_a_half_finished_batch_the_draws_before_the_first_unanswered_one_count():
    half = batch(drawn_from=95, ranked="abcde", drawn="fghi")
    reading = read_history(history([half], looked(good="acfg", bad="b")))
    # Two ranked films are unanswered; they may be bad.
    assert reading.log.runs == (Run(95, 1, 2, aside=2),)
    assert reading.log.unreviewed == 95
    assert reading.waiting == ("h", "i")


IDS = [f"film {number}" for number in range(60)]


@given(st.sets(st.sampled_from(IDS), max_size=12), st.sets(st.sampled_from(IDS), max_size=40))
def test_what_is_half_finished_never_certifies_more_than_what_is_finished(bad, waiting):
    whole = {film: Looked(BAD if film in bad else GOOD, 1) for film in IDS}
    answered = {film: look for film, look in whole.items() if film not in waiting}
    one = DrawnBatch(1, 400, 380, tuple(IDS[:20]), tuple(IDS[20:]))
    part, done = (
        bad_at_most(read_history(history([one], looks, 400)).log) for looks in (answered, whole)
    )
    assume(part is not None and done is not None)
    assert part >= done


def test_draws_after_an_unanswered_one_count_with_it_as_a_find():
    gap = batch(drawn_from=100, drawn="abcde")
    reading = read_history(history([gap], looked(good="abde")))
    assert reading.log.runs == (Run(100, 0, 2, RunEnd.ASSUMED), Run(97, 0, 2, aside=1))
    assert reading.waiting == ("c",)
    # Which is never worse than to leave out what came after.
    prefix = replace(reading.log, runs=(Run(100, 0, 2),))
    assert bad_at_most(reading.log) <= bad_at_most(prefix)


@pytest.mark.parametrize("verdict", [GOOD, BAD])
def test_a_verdict_that_comes_late_counts_at_its_draw(verdict):
    first = batch(1, drawn_from=100, drawn="abc")
    second = batch(2, drawn_from=98, drawn="de")
    looks = looked(good="ac") | looked(2, good="de") | {"b": Looked(verdict, 2)}
    runs = read_history(history([first, second], looks)).log.runs
    if verdict is GOOD:
        assert runs == (Run(100, 0, 3), Run(98, 0, 2))
    else:
        # At the second draw it was among the films drawn from, so it is not yet found there.
        assert runs == (Run(100, 0, 1, RunEnd.FIND), Run(98, 1, 1), Run(98, 0, 2))


def test_a_film_drawn_twice_because_nobody_answered_counts_at_both_draws():
    first = batch(1, drawn_from=100, drawn="abc")
    second = batch(2, drawn_from=98, drawn="bd")
    looks = looked(good="ac") | looked(2, good="d", bad="b")
    reading = read_history(history([first, second], looks))
    assert reading.log.runs == (
        Run(100, 0, 1, RunEnd.FIND),
        Run(98, 1, 1),
        Run(98, 0, 0, RunEnd.FIND),
        Run(97, 1, 1),
    )
    assert reading.log.found == 1
    assert not reading.unusable


def test_a_drawn_film_changed_from_good_to_bad_is_a_find_at_its_draw():
    one = batch(drawn_from=100, drawn="abcd")
    before = read_history(history([one], looked(good="abcd")))
    after = read_history(history([one], looked(good="acd", bad="b")))
    assert before.log.runs == (Run(100, 0, 4),)
    assert after.log.runs == (Run(100, 0, 1, RunEnd.FIND), Run(98, 1, 2))


def test_a_film_in_dispute_counts_as_a_find_but_not_as_found():
    one = batch(drawn_from=98, ranked="ab", drawn="cde")
    reading = read_history(history([one], looked(good="bce", open="ad")))
    assert reading.log.runs == (Run(98, 0, 1, RunEnd.ASSUMED, 1), Run(96, 0, 1, aside=2))
    assert (reading.log.found, reading.log.unreviewed, reading.log.unresolved) == (0, 95, 2)
    assert reading.waiting == ("d",)


def test_ranked_films_awaiting_a_second_look_do_not_lower_what_may_be_left():
    clean = looked(good=[f"a{number}" for number in range(60)])
    pending = clean | {f"r{number}": Looked(OPEN, 1) for number in range(10)}
    drawn = tuple(film for film in clean)
    one = DrawnBatch(1, 200, 190, [f"r{number}" for number in range(10)], drawn)
    none_bad = clean | {film: Looked(GOOD, 1) for film in pending if film not in clean}
    k = [certify(read_history(history([one], looks, 200)).log) for looks in (pending, none_bad)]
    assert k[0].at_most_unreviewed >= k[1].at_most_unreviewed


def test_looks_outside_batches_take_films_out_before_the_next_draw():
    first, second = batch(1, drawn_from=100, drawn="ab"), batch(2, drawn_from=95, drawn="fg")
    looks = looked(good="ab") | looked(1, good="cd", bad="e") | looked(2, good="fg")
    reading = read_history(history([first, second], looks))
    assert reading.log.runs == (Run(100, 0, 2), Run(95, 1, 2))


def test_looks_before_the_first_draw_count_as_ranked():
    one = batch(drawn_from=96, drawn="efg")
    reading = read_history(history([one], looked(0, good="abc", bad="d") | looked(good="efg")))
    assert reading.log == AuditLog(100, (Run(96, 1, 3),), found=1, unreviewed=93)


def test_films_that_wait_in_an_earlier_batch_may_be_set_aside():
    first = batch(1, drawn_from=97, ranked="abc", drawn="de")
    second = batch(2, drawn_from=95, aside="bc", drawn="fg")
    looks = looked(good="ad", bad="e") | looked(2, good="fgc")
    reading = read_history(history([first, second], looks))
    # Film c was answered since; b may be bad.
    assert reading.log.runs == (Run(97, 0, 1, RunEnd.FIND, aside=1), Run(95, 1, 2, aside=1))
    assert not reading.unusable


WRONG_DRAWS = {
    "too few": (batch(2, drawn_from=90, drawn="cd"), "drawn from 90 films, but 98 were not"),
    "too many": (batch(2, drawn_from=100, drawn="cd"), "drawn from 100 films, but 98 were not"),
    "added": (
        batch(2, drawn_from=148, drawn="cd", films=150),
        "100 at the first: films were added",
    ),
    "removed": (batch(2, drawn_from=88, drawn="cd", films=90), "at the first: films were removed"),
    "known": (batch(2, drawn_from=98, drawn="ac"), "film a was drawn although"),
    "ranked": (batch(2, drawn_from=97, ranked="c", drawn="cd"), "film c was drawn although"),
    "twice": (batch(2, drawn_from=98, drawn="cdc"), "a film was drawn twice"),
}


@pytest.mark.parametrize("wrong", WRONG_DRAWS)
def test_a_draw_that_was_not_from_all_films_is_no_evidence_but_its_looks_count(wrong):
    second, reason = WRONG_DRAWS[wrong]
    first, third = batch(1, drawn_from=100, drawn="ab"), batch(3, drawn_from=96, drawn="ef")
    looks = looked(good="ab") | looked(2, good="c", bad="d") | looked(3, good="ef")
    reading = read_history(history([first, second, third], looks))
    assert [unusable.batch_id for unusable in reading.unusable] == [2]
    assert reason in reading.unusable[0].reason
    assert reading.log.runs == (Run(100, 0, 2), Run(96, 1, 2))
    assert (reading.log.found, reading.log.unreviewed) == (1, 94)


def test_more_looks_than_films_are_refused():
    with pytest.raises(RadsieveError, match="added later are no part of this log"):
        read_history(history([], looked(good="abc"), films=2))


def test_nothing_is_left_unreviewed_where_all_was_looked_at():
    one = batch(drawn_from=4, drawn="abcd", films=4)
    reading = read_history(history([one], looked(good="acd", bad="b"), films=4))
    assert certify(reading.log).at_most_unreviewed == 0


def test_no_batch_is_no_evidence():
    reading = read_history(history([], looked(0, good="ab")))
    assert reading.log == AuditLog(100, (), 0, 98)
    assert reading.unusable == ()


# --- a reviewer who leaves out what he does not like ---


def wrong_if_bad_films_are_skipped(bound, archives, seed):
    """Return how often a bound is wrong if drawn bad films are seen and never answered."""
    wrong = 0
    for rng in np.random.default_rng(seed).spawn(archives):
        films, bad = 300, 12
        free, looks, batches = np.ones(films, bool), {}, []
        for position in range(20):
            pool = np.flatnonzero(free)
            drawn = rng.permutation(pool)[:12]
            batches.append(DrawnBatch(position, films, len(pool), (), [str(f) for f in drawn]))
            for film in drawn[drawn >= bad]:
                looks[str(film)] = Looked(GOOD, position + 1)
                free[film] = False
            if bound(AuditHistory(films, tuple(batches), dict(looks))) < bad:
                wrong += 1
                break
    return wrong / archives


def certified(seen):
    return certify(read_history(seen).log).at_most_unreviewed


def up_to_the_first_unanswered(seen):
    """Leave out, in every batch, all draws from the first unanswered one on."""
    runs, n = [], seen.films
    for one in seen.batches:
        answered = [film in seen.looked for film in one.drawn]
        runs.append(Run(one.drawn_from, 0, [*answered, False].index(False)))
    return bad_at_most(AuditLog(n, tuple(runs), 0, n - len(seen.looked))) or 0


@pytest.mark.slow
def test_leaving_bad_films_unanswered_buys_no_certificate():
    limit = ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / 80)
    assert wrong_if_bad_films_are_skipped(certified, 80, seed=1) <= limit
    assert wrong_if_bad_films_are_skipped(up_to_the_first_unanswered, 80, seed=1) > limit


def test_a_later_draw_counts_for_the_films_of_the_first_one_among_those_drawn():
    # Of 100 films, e and f have left, f looked at before that; 20 came, three of them drawn.
    listed = [*"abcdefghij", *(f"other {number}" for number in range(90))]
    later = DrawnBatch(2, 118, 113, ("c", "new 0"), ("g", "new 1", "h", "new 2"), ("d",))
    one = restricted(later, set(listed), newcomers=19, gone={"e", "left long ago"})
    assert (one.films, one.drawn_from) == (100, 94)
    assert (one.ranked, one.drawn, one.set_aside) == (["c"], ["g", "h"], ["d", "e"])
    looks = looked(good="abf") | looked(2, good="cgh")
    reading = read_history(history([batch(1, drawn_from=100, drawn="abf"), one], looks))
    assert not reading.unusable
    # The film that left may be bad, and so may the one that waits.
    assert reading.log.runs == (Run(100, 0, 3), Run(94, 0, 2, aside=2))


# --- the draws themselves ---


def pool_of(films, seed):
    bad = np.random.default_rng(seed).random(films)
    return Pool(
        radiograph_ids=[f"{number:05}" for number in range(films)],
        patients=[f"{number:05}" for number in range(films)],
        probabilities=np.stack([1 - bad, bad], axis=1),
        outlyingness=np.zeros(films),
        labels=("upright", "turned"),
        expected_label="upright",
    )


def draws(pool, audit_share, seed, count=100):
    shape = BatchShape(films=count, audit_share=audit_share, films_per_patient=5)
    chosen = rank_for_review(pool, shape, seed=seed)
    drawn = chosen.of(Slice.AUDIT)
    return [p.radiograph_id for p in chosen.picks if p.radiograph_id not in drawn], drawn


def test_audit_draws_come_from_all_scores_alike():
    pool = pool_of(1_000, seed=1)
    score = dict(zip(pool.radiograph_ids, pool.bad_probability, strict=True))
    counts = np.zeros(10)
    for seed in range(200):
        ranked, drawn = draws(pool, 0.5, seed)
        left = sorted(set(score) - set(ranked), key=score.__getitem__)
        decile = {film: 10 * place // len(left) for place, film in enumerate(left)}
        for film in drawn:
            counts[decile[film]] += 1
    # 9 degrees of freedom: above 27.9 once in 1,000.
    assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 27.9


def test_first_audit_draws_come_from_all_scores_alike():
    # Draw order matters as well: the bound counts draw by draw.
    pool = pool_of(200, seed=2)
    first = [draws(pool, 1.0, seed, count=10)[1][0] for seed in range(1_200)]
    score = dict(zip(pool.radiograph_ids, pool.bad_probability, strict=True))
    rank = {film: place for place, film in enumerate(sorted(score, key=score.__getitem__))}
    counts = np.bincount([rank[film] // 20 for film in first], minlength=10)
    assert ((counts - 120) ** 2 / 120).sum() < 27.9


def test_audit_draws_know_nothing_of_predictions_that_rank_no_film():
    pool = pool_of(500, seed=3)
    shuffled = np.random.default_rng(4).permutation(pool.probabilities)
    other = replace(pool, probabilities=shuffled)
    assert draws(pool, 1.0, seed=5)[1] == draws(other, 1.0, seed=5)[1]


def test_replaying_a_history_gives_the_same_certificate_bit_for_bit():
    pool = pool_of(400, seed=6)
    said = []
    for _ in range(2):
        ranked, drawn = draws(pool, 0.5, seed=7, count=200)
        looks = {
            film: Looked(BAD if int(film) % 41 == 0 else GOOD, 1) for film in [*ranked, *drawn]
        }
        one = DrawnBatch(1, 400, 400 - len(ranked), ranked, drawn)
        said.append(certify(read_history(history([one], looks, 400)).log).as_json())
    assert said[0] == said[1]
    assert said[0]["audit_looks"] == 100


def test_a_batch_says_why_it_is_no_evidence():
    reading = read_history(history([batch(7, drawn_from=60, drawn="ab")], looked(good="ab")))
    expected = "its audit films were drawn from 60 films, but 100 were not looked at, ranked or"
    assert reading.unusable == (UnusableBatch(7, reading.unusable[0].reason),)
    assert reading.unusable[0].reason.startswith(expected)


def reviewed_carelessly(rng):
    """Review an archive whose reviewers leave films, bad ones above all, and come back to some.

    Yields the history after each batch and the bad films that nobody has confirmed by then.
    """
    films, bad = 300, 12
    looks, batches, waiting = {}, [], set()
    for position in range(14):
        waiting = {film for film in waiting if str(film) not in looks}
        # Some batches take the films that still wait; others leave them where they are.
        aside = waiting if rng.random() < 0.5 else set()
        free = [f for f in range(films) if str(f) not in looks and f not in aside]
        # The ranked list knows the truth, and likes or shuns bad films by turns.
        ranked = sorted(free, key=lambda film: (film < bad) == (position % 3 == 0))[:4]
        pool = [film for film in free if film not in ranked]
        drawn = rng.permutation(pool)[:14].tolist()
        batches.append(
            DrawnBatch(
                position,
                films,
                len(pool),
                [str(film) for film in ranked],
                [str(film) for film in drawn],
                [str(film) for film in aside],
            )
        )
        waiting |= {*ranked, *drawn}
        for film in rng.permutation(sorted(waiting)).tolist():
            if rng.random() < (0.5 if film < bad else 0.9):
                confirmed = BAD if rng.random() < 0.8 else OPEN
                looks[str(film)] = Looked(confirmed if film < bad else GOOD, position + 1)
        for film, seen in looks.items():
            if seen.verdict is OPEN and rng.random() < 0.3:
                looks[film] = replace(seen, verdict=BAD)
        found = sum(seen.verdict is BAD for seen in looks.values())
        yield AuditHistory(films, tuple(batches), dict(looks)), bad - found


@pytest.mark.slow
def test_careless_reviewers_do_not_break_it():
    wrong, decided = 0, 0
    for rng in np.random.default_rng(9).spawn(90):
        said = []
        for seen, left in reviewed_carelessly(rng):
            reading = read_history(seen)
            assert not reading.unusable
            said.append((certify(reading.log).at_most_unreviewed, left, reading.log.open_films))
        wrong += any(k < left for k, left, _ in said)
        decided += said[-1][0] < said[-1][2] / 2
    assert decided > 45
    assert wrong / 90 <= ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / 90)
