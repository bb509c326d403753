"""Ways to choose the films that are looked at next: for label_efficiency."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.base.adapters.settings import Settings
from backend.certificate.core.bound import AuditLog, Run, RunEnd, bad_at_most
from backend.labels.core.labels import Slice
from backend.review.core.ranking.outlying import stranger_than
from backend.review.core.ranking.pool import Batch, Pool
from backend.review.core.ranking.rank import BatchShape, rank_for_review
from backend.review.core.ranking.scores import Strategy, ambiguous_finds, likely_finds
from backend.review.core.ranking.shares import BatchYields, SliceYield, adapted_shares
from benchmarks.ranking.label_campaign import Arm, State, World, fresh_head

FILMS_PER_PATIENT = 2
LABELS = ("good", "bad")

Strange = Callable[[World], NDArray[np.float64]]


def _as_radsieve(world: World) -> NDArray[np.float64]:
    """Return how strange films are, by what `review.loop.rank` goes by."""
    kinds = (
        (world.strange_pixels,) if world.made else (world.strange_pixels, world.strange_features)
    )
    return stranger_than(*kinds)


@dataclass
class Radsieve:
    """What `radsieve push` would show, by the functions it uses."""

    audit_share: float = Settings().audit_share
    dry_audit_share: float = Settings().dry_audit_share
    likely: Strategy = likely_finds
    strange: Strange = _as_radsieve
    fixed_outliers: float | None = None
    """Share of ranked films; None: by yield."""
    _last: Batch = field(default_factory=lambda: Batch([], 0))
    _history: list[BatchYields] = field(default_factory=list)
    _runs: list[Run] = field(default_factory=list)

    def choose(self, state: State, count: int) -> list[int]:
        """Return the next positions."""
        self._note(state)
        shares = adapted_shares(
            self._history, audit_share=self.audit_share, dry_audit_share=self.dry_audit_share
        )
        outliers = shares.outliers if self.fixed_outliers is None else self.fixed_outliers
        shape = BatchShape(
            films=count,
            audit_share=shares.audit,
            films_per_patient=FILMS_PER_PATIENT,
            outlier_share=outliers,
            likely=self.likely,
        )
        seed = int(state.rng.integers(1 << 40))
        self._last = rank_for_review(self._pool(state), shape, seed=seed)
        return [int(pick.radiograph_id) for pick in self._last.picks]

    def left(self, state: State) -> int | None:
        """Return the certificate's bound; the reviewer's second looks are taken to be right."""
        self._note(state)
        found = sum(state.called)
        log = AuditLog(len(state.world.bad), tuple(self._runs), found, len(state.free))
        at_most = bad_at_most(log)
        return None if at_most is None else at_most - found

    def _note(self, state: State) -> None:
        """Take down what became of the last batch, once."""
        batch, self._last = self._last, Batch([], 0)
        count = len(batch.picks)
        if not count:
            return
        called = dict(zip(batch.picks, state.called[-count:], strict=True))
        by_slice = {
            name: [bad for pick, bad in called.items() if pick.slice is name]
            for name in {pick.slice for pick in called}
        }
        self._history.append(
            {name: SliceYield(len(some), sum(some)) for name, some in by_slice.items()}
        )
        drawn = by_slice.get(Slice.AUDIT, [])
        self._runs += _runs(drawn, batch.drawn_from, sum(state.called) - sum(drawn))

    def _pool(self, state: State) -> Pool:
        bad = state.bad_probability()
        if bad is None:
            bad = np.full(len(state.free), np.nan)
        return Pool(
            radiograph_ids=[f"{place:06d}" for place in state.free],
            patients=state.world.patients[state.free].tolist(),
            probabilities=np.stack([1 - bad, bad], axis=1),
            outlyingness=self.strange(state.world)[state.free],
            labels=LABELS,
            expected_label=LABELS[0],
        )


def _runs(drawn: Sequence[bool], drawn_from: int, found: int) -> list[Run]:
    """Return the runs of one batch's audit, whose films were called bad or not, in draw order."""
    runs, clean = [], 0
    for bad in drawn:
        clean += not bad
        if bad:
            runs.append(Run(drawn_from, found, clean, RunEnd.FIND))
            drawn_from, found, clean = drawn_from - clean - 1, found + 1, 0
    return [*runs, Run(drawn_from, found, clean)] if clean else runs


@dataclass
class ByFunction:
    """An arm without a memory and without an audit."""

    function: Callable[[State, int], list[int]]

    def choose(self, state: State, count: int) -> list[int]:
        """Return the next positions."""
        return self.function(state, count)

    def left(self, state: State) -> int | None:
        """Say nothing."""
        return None


def at_random(state: State, count: int) -> list[int]:
    """Return films in random order: also what Label Studio shows two annotators."""
    return [int(place) for place in state.rng.permutation(state.free)[:count]]


def least_sure(state: State, count: int) -> list[int]:
    """Return the films the head is least sure of, after a random start."""
    return _by_uncertainty(state, count, state.bad_probability())


def least_sure_of_first_head(state: State, count: int) -> list[int]:
    """Return the same where predictions are never made anew, as the stock backends leave them."""
    return _by_uncertainty(state, count, state.bad_probability(of_first=True))


def _by_uncertainty(state: State, count: int, bad: NDArray[np.float64] | None) -> list[int]:
    if bad is None:
        return at_random(state, count)
    if not state.learns:
        return [int(place) for place in state.free[np.argsort(-bad)][:count]]
    # Label Studio's score is the highest probability; its queue takes the lowest score first.
    return [int(place) for place in state.free[np.argsort(np.maximum(bad, 1 - bad))][:count]]


@dataclass
class ScikitActiveml:
    """A strategy of scikit-activeml, with the same head, after the same random start."""

    make: Callable[[int], Any]
    """Takes a random state."""
    needs_head: bool = True
    committee: bool = False
    _strategy: Any = None

    def left(self, state: State) -> int | None:
        """Say nothing."""
        return None

    def choose(self, state: State, count: int) -> list[int]:
        """Return the next positions."""
        if not state.learns or state.head is None:
            return least_sure(state, count)
        if self._strategy is None:
            self._strategy = self.make(int(state.rng.integers(1 << 31)))
        labels = np.full(len(state.world.bad), np.nan)
        labels[state.looked] = state.called
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            chosen = self._strategy.query(
                state.world.features,
                labels,
                **self._models(),
                batch_size=min(count, len(state.free)),
            )
        return [int(place) for place in chosen]

    def _models(self) -> dict[str, Any]:
        from skactiveml.classifier import SklearnClassifier  # noqa: PLC0415
        from sklearn.ensemble import BaggingClassifier  # noqa: PLC0415

        if not self.needs_head:
            return {}
        head = SklearnClassifier(fresh_head(), classes=[0, 1])
        if not self.committee:
            return {"clf": head}
        bagged = BaggingClassifier(fresh_head(), n_estimators=5, random_state=0)
        return {"ensemble": SklearnClassifier(bagged, classes=[0, 1])}


def _scikit_activeml() -> dict[str, Callable[[], Arm]]:
    from skactiveml import pool  # noqa: PLC0415

    def arm(make: Callable[[int], Any], **rest: bool) -> Callable[[], Arm]:
        return lambda: ScikitActiveml(make, **rest)

    return {
        "scikit-activeml: entropy": arm(
            lambda seed: pool.UncertaintySampling(method="entropy", random_state=seed)
        ),
        "scikit-activeml: committee": arm(
            lambda seed: pool.QueryByCommittee(method="vote_entropy", random_state=seed),
            committee=True,
        ),
        "scikit-activeml: BADGE": arm(lambda seed: pool.Badge(random_state=seed)),
        "scikit-activeml: core-set": arm(
            lambda seed: pool.CoreSet(random_state=seed), needs_head=False
        ),
        "scikit-activeml: DropQuery": arm(lambda seed: pool.DropQuery(random_state=seed)),
    }


def arms() -> dict[str, Callable[[], Arm]]:
    """Return what makes each arm, by name; an arm is made anew for every campaign."""
    return {
        "radsieve": Radsieve,
        "radsieve, half audit": lambda: Radsieve(audit_share=0.5),
        "radsieve, ranked looks only": lambda: Radsieve(audit_share=0.0, dry_audit_share=0.0),
        "radsieve, outliers by pixels": lambda: Radsieve(
            strange=lambda world: stranger_than(world.strange_pixels)
        ),
        "radsieve, outliers by features": lambda: Radsieve(
            strange=lambda world: stranger_than(world.strange_features)
        ),
        "radsieve, most ambiguous first": lambda: Radsieve(likely=ambiguous_finds),
        "random; Label Studio, two annotators": lambda: ByFunction(at_random),
        "uncertainty; Label Studio, fresh scores": lambda: ByFunction(least_sure),
        "Label Studio, stock backend": lambda: ByFunction(least_sure_of_first_head),
        **_scikit_activeml(),
    }
