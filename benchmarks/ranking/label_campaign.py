"""One review campaign in an archive whose bad films are known: for label_efficiency.

An arm says which films come next, an oracle calls them, a linear head on frozen features learns
from what was called, and so on until every bad film has been looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score

from backend.review.core.ranking.outlying import outlying_features, outlying_pixels
from benchmarks.ranking.label_archive import Archive

FILMS = 4000
TEST_SHARE = 0.25
"""Of the patients; none of their films is in the archive."""
COMPETING_SHARE = 0.04
"""Of the archive: films that are strange, but good as far as the question goes."""
DIRECTIONS = 96
"""Principal directions of the features that the head learns from: it is the same head but for
what lies beyond them, and takes a fifth of the time."""
STRENGTH = 0.01
TEST_GOOD, TEST_COMPETING, TEST_BAD = 1000, 40, 50
MOST_LEARNT = 600
"""Looks after which the head learns no more: what is left comes in the order it gives."""
CERTIFIED_AT = 1000
_BATCHES = ((200, 20), (MOST_LEARNT, 50), (FILMS, 200))
"""Up to so many looks, batches of so many films."""
JUDGED_AT = (60, 100, 200, 400, 600)
"""Labels after which the head is judged on the test."""
NATURAL = ("lateral", "abdomen", "child pelvis", "hand")
QUESTIONS: Mapping[str, Sequence[str]] = {
    "rotated (synthetic)": ("rotated",),
    "inverted (synthetic)": ("inverted",),
    "not a frontal chest (real)": NATURAL,
}
_STRANGE = ("rotated", "inverted", "zoomed", *NATURAL, "other hospital", "low resolution")


@dataclass(frozen=True)
class World:
    """An archive to review and films of other patients to judge the head on."""

    features: NDArray[np.float64]
    """Shape (films, DIRECTIONS)."""
    bad: NDArray[np.bool_]
    made: bool
    """Whether radsieve would make the labels itself; then pixels alone tell what is strange."""
    patients: NDArray[np.str_]
    strange_pixels: NDArray[np.float64]
    strange_features: NDArray[np.float64]
    test_features: NDArray[np.float64]
    test_bad: NDArray[np.bool_]


@dataclass(frozen=True)
class Oracle:
    """A reviewer who is wrong by chance."""

    slips: float
    """0 to 1: share of bad films that are called good."""
    false_alarms: float
    """0 to 1: share of good films that are called bad."""

    def calls(self, bad: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
        """Return which films are called bad."""
        chance = np.where(bad, 1 - self.slips, self.false_alarms)
        return np.asarray(rng.random(len(bad)) < chance)


@dataclass
class State:
    """What is known so far; arms read it."""

    world: World
    rng: np.random.Generator
    free: NDArray[np.int64]
    """Positions nobody has looked at, ascending."""
    looked: list[int] = field(default_factory=list)
    called: list[bool] = field(default_factory=list)
    head: LogisticRegression | None = None
    first_head: LogisticRegression | None = None
    learns: bool = True

    def bad_probability(self, *, of_first: bool = False) -> NDArray[np.float64] | None:
        """Return the head's probabilities of the free films; None before there is a head."""
        head = self.first_head if of_first else self.head
        if head is None:
            return None
        return np.asarray(head.predict_proba(self.world.features[self.free])[:, 1])


class Arm(Protocol):
    """A way to choose."""

    def choose(self, state: State, count: int) -> Sequence[int]:
        """Return the next positions to look at, at most so many, all of them free."""

    def left(self, state: State) -> int | None:
        """Return how many bad films there may be among the free ones, None: it cannot say."""


@dataclass(frozen=True)
class Outcome:
    """What a campaign came to."""

    found_after: NDArray[np.int64]
    """Shape (bad films,): looks made when each was looked at, ascending."""
    auprc: Mapping[int, float]
    """By number of labels."""
    at_most: int | None
    """Bad films certified to be left after CERTIFIED_AT looks; None where an arm cannot say."""

    def looks_until(self, share: float) -> int:
        """Return the looks until a share of the bad films, 0 to 1, had been looked at."""
        return int(self.found_after[int(np.ceil(share * len(self.found_after))) - 1])

    def found_within(self, looks: int) -> int:
        """Return how many bad films the first looks held."""
        return int((self.found_after <= looks).sum())


def draw_world(archive: Archive, question: str, one_in: int, rng: np.random.Generator) -> World:
    """Return FILMS films, one in so many of them bad, and a test of other patients."""
    patients = np.unique(archive.patients)
    in_test = np.isin(
        archive.patients, rng.permutation(patients)[: int(TEST_SHARE * len(patients))]
    )
    of_bad, of_competing = max(1, round(FILMS / one_in)), round(COMPETING_SHARE * FILMS)
    mix = _mix(question, of_bad, of_competing, FILMS - of_bad - of_competing)
    films = _drawn(archive, ~in_test, mix, rng)
    test = _drawn(archive, in_test, _mix(question, TEST_BAD, TEST_COMPETING, TEST_GOOD), rng)
    films = rng.permutation(films)
    bad_kinds = QUESTIONS[question]
    turn = _directions(archive.features[films])
    return World(
        features=turn(archive.features[films]),
        bad=np.isin(archive.kinds[films], bad_kinds),
        made=bad_kinds != NATURAL,
        patients=archive.patients[films],
        strange_pixels=outlying_pixels(archive.sketches[films]),
        strange_features=outlying_features(archive.features[films]),
        test_features=turn(archive.features[test]),
        test_bad=np.isin(archive.kinds[test], bad_kinds),
    )


def _mix(
    question: str, bad: int, competing: int, good: int
) -> tuple[tuple[Sequence[str], int], ...]:
    """Return kinds of films and how many are wanted of them all together."""
    bad_kinds = QUESTIONS[question]
    strange = [kind for kind in _STRANGE if kind not in bad_kinds]
    return (bad_kinds, bad), (strange, competing), (("frontal",), good)


def run(world: World, arm: Arm, oracle: Oracle, rng: np.random.Generator) -> Outcome:
    """Review until every bad film has been looked at, and CERTIFIED_AT films in any case."""
    state = State(world, rng, np.arange(len(world.bad)))
    auprc: dict[int, float] = {}
    found_after: list[int] = []
    at_most = None
    while len(found_after) < world.bad.sum() or len(state.looked) < CERTIFIED_AT:
        chosen = np.asarray(arm.choose(state, _batch_films(len(state.looked))), dtype=np.int64)
        bad = world.bad[chosen]
        found_after += (len(state.looked) + 1 + np.flatnonzero(bad)).tolist()
        state.looked += chosen.tolist()
        state.called += oracle.calls(bad, rng).tolist()
        state.free = np.setdiff1d(state.free, chosen)
        state.learns = len(state.looked) <= MOST_LEARNT
        if len(state.looked) == CERTIFIED_AT:
            at_most = arm.left(state)
        if state.learns:
            _learn(state)
            _judge(state, auprc)
    return Outcome(np.array(found_after), auprc, at_most)


def fresh_head() -> LogisticRegression:
    """Return a head that has learnt nothing yet."""
    return LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=200)


def _batch_films(looks: int) -> int:
    return next(films for until, films in _BATCHES if looks < until)


def _learn(state: State) -> None:
    if len(set(state.called)) == 2:
        state.head = fresh_head().fit(state.world.features[state.looked], state.called)
        state.first_head = state.first_head or state.head


def _judge(state: State, auprc: dict[int, float]) -> None:
    """Note the AUPRC once; a head that has seen one label only says the same of every film."""
    world = state.world
    if len(state.looked) in JUDGED_AT:
        said = np.zeros(len(world.test_bad))
        if state.head is not None:
            said = state.head.decision_function(world.test_features)
        auprc[len(state.looked)] = float(average_precision_score(world.test_bad, said))


def _drawn(
    archive: Archive,
    allowed: NDArray[np.bool_],
    wanted: Sequence[tuple[Sequence[str], int]],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Return positions: of each group of kinds so many, every kind of it alike."""
    found = []
    for kinds, count in wanted:
        by_kind = [
            rng.permutation(np.flatnonzero(allowed & (archive.kinds == kind))) for kind in kinds
        ]
        of_each = -(-count // len(kinds))
        some = rng.permutation(np.concatenate([places[:of_each] for places in by_kind]))
        found.append(some[:count])
    return np.concatenate(found)


def _directions(
    features: NDArray[np.float32],
) -> Callable[[NDArray[np.float32]], NDArray[np.float64]]:
    """Return what turns features into their first principal directions, standardised before."""
    centre = features.mean(axis=0, dtype=np.float64)
    deviation = features.std(axis=0, dtype=np.float64)
    scale = deviation + 0.1 * deviation.mean()
    standard = (features - centre) / scale
    _, axes = np.linalg.eigh(standard.T @ standard)
    kept = axes[:, -DIRECTIONS:]
    return lambda some: np.asarray((some - centre) / scale @ kept)
