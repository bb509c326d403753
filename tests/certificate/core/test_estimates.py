"""Do the intervals hold the truth? On simulated archives whose bad films are all known."""

import numpy as np
import pytest
from scipy import stats

from backend.base.core.figures import average_precision
from backend.certificate.core.estimates import (
    EXACT,
    REDRAWN,
    SUMMED,
    TOO_FEW,
    Draw,
    Films,
    archive_estimate,
    draws_of,
    prevalence,
    total_bad,
)

FILMS, RUNS = 4000, 300


class Archive:
    """Films with the truth about each, looked at in batches."""

    def __init__(self, rng, bad=80, auc_shift=2.5, films=FILMS):
        self.rng, self.bad = rng, np.zeros(films, dtype=np.bool_)
        self.bad[:bad] = True
        score = rng.normal(size=films) + auc_shift * self.bad
        # Half of the odds of being flagged are right: not calibrated, as a detector may be.
        self.p_bad = 1 / (1 + np.exp(-(score - 2.0) * 3))
        self.batch = np.full(films, 10_000)
        self.drawn = np.zeros(films, dtype=np.bool_)
        self.batches = 0

    def look(self, ranked, drawn):
        """Look at the films with the highest scores left, then at some drawn from the rest."""
        free = np.flatnonzero(self.batch == 10_000)
        top = free[np.argsort(-self.p_bad[free])][:ranked]
        self.batch[top] = self.batches
        free = np.setdiff1d(free, top)
        chosen = self.rng.choice(free, drawn, replace=False)
        self.batch[chosen], self.drawn[chosen] = self.batches, True
        self.batches += 1
        return self

    def films(self):
        known = self.batch < self.batches
        batch = np.where(known, self.batch, self.batches)
        return Films(batch, self.drawn, known, self.bad & known, self.p_bad, self.batches)

    def truth(self):
        flagged = self.p_bad >= 0.5
        hits = (flagged & self.bad).sum()
        return {
            "prevalence": self.bad.mean(),
            "precision": hits / flagged.sum(),
            "recall": hits / self.bad.sum(),
            "auprc": float(average_precision(self.bad, self.p_bad)),
        }


def one_batch(seed):
    return Archive(np.random.default_rng([1, seed])).look(60, 400)


def five_batches(seed):
    """How many are ranked follows from what was found, as in a real campaign."""
    archive = Archive(np.random.default_rng([2, seed]))
    for _ in range(5):
        drawn = archive.drawn & (archive.batch == archive.batches - 1)
        archive.look(40 if (archive.bad & drawn).any() else 10, 80)
    return archive


def rare(seed):
    return Archive(np.random.default_rng([3, seed]), bad=8).look(20, 300).look(10, 100)


def common(seed):
    """Enough bad films are drawn for a bootstrap to have something to redraw."""
    archive = Archive(np.random.default_rng([4, seed]), bad=600, auc_shift=1.5)
    return archive.look(60, 200).look(60, 200)


def held(make, name):
    found = []
    for seed in range(RUNS):
        archive = make(seed)
        said = getattr(archive_estimate(archive.films(), rng=np.random.default_rng(seed)), name)
        found.append(said.low - 1e-9 <= archive.truth()[name] <= said.high + 1e-9)
    return np.mean(found)


LOWEST = stats.binom.ppf(0.001, RUNS, 0.95) / RUNS
"""Below it, coverage is under 95 % and not by chance."""


@pytest.mark.slow
@pytest.mark.parametrize("make", [one_batch, five_batches, rare])
@pytest.mark.parametrize("name", ["prevalence", "precision", "recall"])
def test_intervals_hold_the_truth_as_often_as_they_say(make, name):
    assert held(make, name) >= LOWEST


@pytest.mark.slow
def test_the_interval_of_auprc_nearly_does():
    # A bootstrap is no exact method.
    said = archive_estimate(common(1).films(), rng=np.random.default_rng(0)).auprc
    assert said.interval == REDRAWN
    assert said.high - said.low < 0.4
    assert held(common, "auprc") >= 0.88


@pytest.mark.slow
def test_intervals_from_ranked_films_taken_for_draws_do_not_hold_it():
    found = []
    for seed in range(RUNS):
        archive = one_batch(seed)
        some = archive.films()
        wrong = Films(
            some.batch, some.known.copy(), some.known, some.is_bad, some.p_bad, some.batches
        )
        said = prevalence(wrong)
        found.append(said.low <= archive.truth()["prevalence"] <= said.high)
    assert np.mean(found) < 0.5


@pytest.mark.slow
def test_estimates_are_right_on_average():
    found = [
        archive_estimate(five_batches(seed).films(), rng=np.random.default_rng(0))
        for seed in range(RUNS)
    ]
    truths = [five_batches(seed).truth() for seed in range(RUNS)]
    for name in ("prevalence", "precision"):
        off = [getattr(a, name).value - b[name] for a, b in zip(found, truths, strict=True)]
        assert abs(np.mean(off)) < 4 * np.std(off) / np.sqrt(RUNS) + 1e-3


class Part:
    """A fixed part of an archive: all that is left when what a version learnt from is gone.

    It learnt from films that are bad more seldom, and flags those more seldom, than others.
    """

    def __init__(self, archive, seed):
        rng = np.random.default_rng([5, seed])
        self.archive = archive
        self.keep = rng.random(FILMS) < np.where(archive.bad | (archive.p_bad > 0.3), 0.9, 0.4)

    def films(self):
        return self.archive.films().only(self.keep)

    def truth(self):
        bad, flagged = self.archive.bad[self.keep], self.archive.p_bad[self.keep] >= 0.5
        return {
            "prevalence": bad.mean(),
            "precision": (flagged & bad).sum() / flagged.sum(),
            "recall": (flagged & bad).sum() / bad.sum(),
        }


def part_of_five_batches(seed):
    return Part(five_batches(seed), seed)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["prevalence", "precision", "recall"])
def test_intervals_of_a_part_of_the_archive_hold_the_truth_of_that_part(name):
    assert held(part_of_five_batches, name) >= LOWEST


@pytest.mark.slow
def test_estimates_of_a_part_of_the_archive_are_right_on_average():
    parts = [part_of_five_batches(seed) for seed in range(RUNS)]
    found = [archive_estimate(part.films(), rng=np.random.default_rng(0)) for part in parts]
    for name in ("prevalence", "precision"):
        off = [
            getattr(one, name).value - part.truth()[name]
            for one, part in zip(found, parts, strict=True)
        ]
        assert abs(np.mean(off)) < 4 * np.std(off) / np.sqrt(RUNS) + 1e-3


def test_of_no_films_nothing_is_said():
    nothing = Archive(np.random.default_rng(8)).look(20, 40).films()
    said = archive_estimate(nothing.only(np.zeros(FILMS, bool)), rng=np.random.default_rng(0))
    figures = said.prevalence, said.precision, said.recall, said.auprc
    assert [figure.value for figure in figures] == [None] * 4
    assert (said.films, said.looked, said.drawn) == (0, 0, 0)


def test_one_batch_is_the_exact_hypergeometric_interval():
    total = total_bad([Draw(1000, 100, 3, 0)], 3, 900)
    assert (total.value, total.interval) == (30.0, EXACT)
    at_least = stats.hypergeom.sf(2, 1000, [total.low - 1, total.low], 100)
    at_most = stats.hypergeom.cdf(3, 1000, [total.high, total.high + 1], 100)
    assert at_least[0] <= 0.025 < at_least[1]
    assert at_most[0] > 0.025 >= at_most[1]


def test_a_large_archive_gives_clopper_pearson():
    total = total_bad([Draw(10_000_000, 400, 9, 0)], 9, 9_999_600)
    low, high = stats.beta.ppf(0.025, 9, 392), stats.beta.ppf(0.975, 10, 391)
    assert total.low / 1e7 == pytest.approx(low, rel=1e-3)
    assert total.high / 1e7 == pytest.approx(high, rel=1e-3)


def test_films_found_by_ranking_are_counted_and_tell_nothing_of_the_rest():
    bare = total_bad([Draw(1000, 100, 0, 0)], 0, 900)
    found = total_bad([Draw(1000, 100, 0, 50)], 50, 900)
    assert (found.value, found.low, found.high) == (50.0, 50, bare.high + 50)


def test_nothing_is_estimated_where_nothing_was_drawn():
    some = Archive(np.random.default_rng(4)).look(20, 0).films()
    said = archive_estimate(some, rng=np.random.default_rng(0))
    for figure in (said.prevalence, said.precision, said.recall, said.auprc):
        assert (figure.value, figure.low, figure.high >= figure.low) == (None, 0.0, True)
    assert (said.looked, said.drawn) == (20, 0)


def test_what_is_undefined_has_no_value_rather_than_nought():
    archive = Archive(np.random.default_rng(5), bad=0).look(0, 400)
    archive.p_bad[:] = 0.1
    said = archive_estimate(archive.films(), rng=np.random.default_rng(0))
    assert said.prevalence.value == 0.0
    assert (said.precision.value, said.recall.value, said.auprc.value) == (None, None, None)


def test_an_archive_that_was_looked_at_whole_is_known():
    archive = Archive(np.random.default_rng(6), films=300, bad=20).look(150, 150)
    said, truth = archive_estimate(archive.films(), rng=np.random.default_rng(0)), archive.truth()
    for name, true in truth.items():
        figure = getattr(said, name)
        assert figure.value == pytest.approx(true)
        assert figure.low == pytest.approx(figure.high) == pytest.approx(true)


def test_few_bad_draws_give_auprc_no_interval():
    said = archive_estimate(rare(1).films(), rng=np.random.default_rng(0)).auprc
    assert (said.low, said.high, said.interval) == (0.0, 1.0, TOO_FEW)


def test_draws_of_later_batches_are_from_what_was_left():
    archive = five_batches(1)
    draws = draws_of(archive.films())
    assert [draw.looked for draw in draws] == [80] * 5
    left = [
        FILMS - (archive.batch < b).sum() - ((archive.batch == b) & ~archive.drawn).sum()
        for b in range(5)
    ]
    assert [draw.drawn_from for draw in draws] == left
    assert prevalence(archive.films()).interval == SUMMED


def test_what_was_known_earlier_is_what_the_first_batches_said():
    rng = np.random.default_rng([2, 7])
    archive = Archive(rng).look(40, 80)
    early = archive_estimate(archive.films(), rng=np.random.default_rng(0))
    later = archive.look(40, 80).films().until(1)
    assert archive_estimate(later, rng=np.random.default_rng(0)) == early
