"""Made archives and reviewers, to see how often a bound on what is left is wrong.

Everything here is simulated: no film is looked at. `draw_find_looks`, `Campaigns` and `game_value`
count films; `walk` goes through whole histories, film by film, as the product does.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from backend.certificate.core.audit_log import AuditHistory, DrawnBatch, Looked, LookState
from backend.certificate.core.bound import ALPHA, AuditLog, Run, RunEnd, hazard
from backend.certificate.core.thresholds import multipliers

_Floats = NDArray[np.float64]
_Ints = NDArray[np.int64]
_Flags = NDArray[np.bool_]

FIXED_SIZE_CLEAN = -math.log(ALPHA)
"""The 'rule of three'."""


# --- uniform audits, one film after the other -------------------------------------------------


def draw_find_looks(films: int, bad: int, archives: int, rng: np.random.Generator) -> _Ints:
    """Return at which look each bad film comes up if all films are looked at in random order.

    Returns:
        Shape (archives, bad), each row ascending, values 1 to `films`, no two alike in a row.
    """
    looks = np.sort(rng.integers(1, films + 1, (archives, bad)), axis=1)
    while (doubled := looks[:, 1:] == looks[:, :-1]).any():
        # Drawing doubled ones again treats all films alike, so every set is as likely as any other.
        rows, places = np.nonzero(doubled)
        looks[rows, places + 1] = rng.integers(1, films + 1, len(rows))
        looks.sort(axis=1)
    return looks


def ever_excluded(films: int, find_looks: _Ints, looks: int) -> _Flags:
    """Return where the rule ever rules out the truth, asked after every single look."""
    bad = find_looks.shape[1]
    ends = np.minimum(find_looks, looks + 1)
    ends = np.concatenate([ends, np.full((len(ends), 1), looks + 1)], axis=1)
    starts = np.concatenate([np.zeros((len(ends), 1), np.int64), ends[:, :-1]], axis=1)
    clean = np.maximum(ends - starts - 1, 0)
    found = np.arange(bad + 1)
    gathered = np.cumsum(hazard(films - starts, bad - found, clean), axis=1)
    made = starts <= looks
    return np.asarray(((gathered >= multipliers(ALPHA, bad + 1)[: bad + 1]) & made).any(axis=1))


def log_of(films: int, find_looks: _Ints, looks: int) -> AuditLog:
    """Return the log of one archive of which so many films were looked at."""
    runs, done = [], 0
    found = 0
    for look in find_looks[find_looks <= looks].tolist():
        runs.append(Run(films - done, found, look - done - 1, RunEnd.FIND))
        done, found = look, found + 1
    if looks > done:
        runs.append(Run(films - done, found, looks - done))
    return AuditLog(films, tuple(runs), found, films - looks)


def fixed_size_excludes(films: int, bad: int, looks: int, finds: _Ints) -> _Flags:
    """Return where the exact bound for one look at the end rules out the truth."""
    return np.asarray(stats.hypergeom.cdf(finds, films, bad, looks) <= ALPHA)


def fixed_size_left(films: int, looks: int, finds: int) -> int:
    """Return the bad films left at most, by the exact bound for one look at the end."""
    low, high = finds, films - looks + finds
    while low < high:
        middle = (low + high + 1) // 2
        wrong = _finds_at_most(finds, films, middle, looks) <= ALPHA
        low, high = (low, middle - 1) if wrong else (middle, high)
    return low - finds


def _finds_at_most(finds: int, films: int, bad: int, looks: int) -> float:
    """Return the chance of so few finds; scipy's is exact as well and far slower one by one."""
    some = np.arange(max(0, looks - films + bad), finds + 1)
    ways = [(bad, some), (films - bad, looks - some), (films, np.full(len(some), looks))]
    first, second, whole = (
        special.gammaln(n + 1) - special.gammaln(r + 1) - special.gammaln(n - r + 1)
        for n, r in ways
    )
    return float(np.exp(first + second - whole).sum())


# --- campaigns: ranked and audit looks, retraining, kinds of bad films ------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """A made archive, and how it is reviewed."""

    films: int
    bad: int
    kinds: int = 1
    hidden: float = 0.0
    """Share of the kinds whose films score like good ones until one of the kind is found."""
    batches: int = 30
    batch_films: int = 100
    audit_share: float = 0.5
    first_reviewed: bool = False
    """Whether films of visible kinds are all reviewed before the first draw."""


@dataclass
class Campaigns:
    """Many archives under review at once, counted."""

    plan: Plan
    rng: np.random.Generator
    archives: int
    left: _Ints = field(init=False)
    """Shape (archives, kinds): bad films nobody has looked at."""
    visible: _Flags = field(init=False)
    unreviewed: _Ints = field(init=False)
    looks: list[tuple[_Ints, _Ints, _Flags]] = field(init=False, default_factory=list)
    """Of every audit look: films it was drawn from, found before, whether it was a find."""

    def __post_init__(self) -> None:
        plan = self.plan
        each = plan.bad // plan.kinds
        self.left = np.full((self.archives, plan.kinds), each, np.int64)
        self.left[:, : plan.bad - each * plan.kinds] += 1
        hidden = self.rng.random((self.archives, plan.kinds)).argsort(axis=1)
        self.visible = hidden >= round(plan.hidden * plan.kinds)
        self.unreviewed = np.full(self.archives, plan.films, np.int64)

    @property
    def bad_left(self) -> _Ints:
        """Shape (archives,)."""
        return np.asarray(self.left.sum(axis=1))

    def review(self) -> Iterator[int]:
        """Go through the batches; yield the audit looks made so far after each."""
        audits = round(self.plan.batch_films * self.plan.audit_share)
        for _ in range(self.plan.batches):
            self._ranked(self.plan.batch_films - audits)
            found = [self._audit() for _ in range(audits)]
            self.visible |= np.any(found, axis=0)
            yield len(self.looks)

    def _ranked(self, count: int) -> None:
        """Look at films of visible kinds first; ranking the rest finds nothing."""
        seen = np.where(self.visible, self.left, 0)
        before = np.cumsum(seen, axis=1) - seen
        self.left -= np.clip(count - before, 0, seen)
        self.unreviewed -= count

    def _audit(self) -> _Flags:
        """Draw one film; return which kind of bad film it was, if any: shape (archives, kinds)."""
        reach = np.cumsum(self.left, axis=1)
        drawn = self.rng.integers(0, self.unreviewed)[:, None]
        hit = (drawn < reach) & (drawn >= reach - self.left)
        found = self.plan.bad - reach[:, -1]
        self.looks.append((self.unreviewed.copy(), found, hit.any(axis=1)))
        self.left -= hit
        self.unreviewed -= 1
        return hit


@dataclass(frozen=True)
class Drawn:
    """The audit looks of many archives, as arrays of shape (looks, archives)."""

    drawn_from: _Ints
    found: _Ints
    hit: _Flags

    @classmethod
    def of(cls, looks: list[tuple[_Ints, _Ints, _Flags]]) -> "Drawn":
        """Stack the looks."""
        drawn_from, found, hit = (np.stack(column) for column in zip(*looks, strict=True))
        return cls(drawn_from, found, hit)

    def excluded(self, kappa: _Ints, *, table: _Floats | None = None) -> _Flags:
        """Return whether the rule ever rules out a number of bad films in each archive.

        Args:
            kappa: shape (archives,).
            table: multipliers other than those of the rule, to see what they do.
        """
        bad = np.clip(kappa - self.found, 0, self.drawn_from)
        with np.errstate(divide="ignore"):
            each = -np.log1p(-bad / self.drawn_from)
        gathered = np.cumsum(np.where(self.hit, 0.0, each), axis=0)
        finds = np.cumsum(self.hit, axis=0)
        needed = (multipliers(ALPHA, int(finds.max()) + 1) if table is None else table)[finds]
        return np.asarray(((gathered >= needed) & ~self.hit).any(axis=0))

    def left_at_most(self, found: _Ints, unreviewed: _Ints) -> _Ints:
        """Return k of every archive, by bisection."""
        low, high = found.copy(), found + unreviewed
        while (low < high).any():
            middle = (low + high + 1) // 2
            out = self.excluded(middle)
            low, high = np.where(out, low, middle), np.where(out, middle - 1, high)
        return np.asarray(low - found)

    def log(self, archive: int, *, films: int, found: int, unreviewed: int) -> AuditLog:
        """Return one archive's log, a run for every look."""
        runs = tuple(
            Run(int(n), int(s), int(not hit), RunEnd.FIND if hit else RunEnd.OPEN)
            for n, s, hit in zip(
                self.drawn_from[:, archive],
                self.found[:, archive],
                self.hit[:, archive],
                strict=True,
            )
        )
        return AuditLog(films, runs, found, unreviewed)


def since_last_find(drawn: Drawn) -> _Ints:
    """Return how many clean audit looks each archive has had since its last find."""
    looks = len(drawn.hit)
    latest = np.where(drawn.hit.any(axis=0), looks - drawn.hit[::-1].argmax(axis=0), 0)
    return np.asarray(looks - latest)


def rule_of_three_excludes(drawn: Drawn, unreviewed: _Ints, bad_left: _Ints) -> _Flags:
    """Return where 'looks since the last find, rule of three' says less than is left."""
    return np.asarray(bad_left * since_last_find(drawn) > FIXED_SIZE_CLEAN * unreviewed)


def pooled_excludes(drawn: Drawn, unreviewed: _Ints, bad_left: _Ints) -> _Flags:
    """Return where the exact bound for one look at the end says less than is left.

    All audit looks are taken for one sample of what they and all others have left over.
    """
    looks, finds = len(drawn.hit), drawn.hit.sum(axis=0)
    return np.asarray(
        stats.hypergeom.cdf(finds, unreviewed + looks, bad_left + finds, looks) <= ALPHA
    )


def adversarial_walk(
    films: _Ints, bad: _Ints, steps: int, rng: np.random.Generator
) -> tuple[Drawn, _Ints]:
    """Review archives with ranked looks that know the truth and the evidence.

    Every archive has a habit of its own: how often it audits, and when it takes good films or bad
    ones out by ranked looks (at random; before evidence is enough; just after a find).

    Returns:
        The audit looks, where none is made as a draw from one good film; and bad films left.
    """
    archives = len(films)
    left, unreviewed = bad.copy(), films.copy()
    audit_share = rng.uniform(0.3, 1.0, archives)
    likes_bad = rng.uniform(0, 1, archives)
    habit = rng.integers(0, 3, archives)
    gathered, finds = np.zeros(archives), np.zeros(archives, np.int64)
    after_find = np.zeros(archives, np.bool_)
    table, looks = multipliers(ALPHA, int(bad.max()) + 1), []
    for _ in range(steps):
        close = gathered > 0.7 * table[finds]
        more_bad = np.where(habit == 1, close, np.where(habit == 2, after_find, True))
        audits = (rng.random(archives) < audit_share) & (unreviewed > 0)
        hit = audits & (rng.integers(0, np.maximum(unreviewed, 1)) < left)
        looks.append((np.where(audits, unreviewed, 1), np.where(audits, bad - left, bad), hit))
        with np.errstate(divide="ignore"):
            each = -np.log1p(-left / np.maximum(unreviewed, 1))
        gathered += np.where(audits & ~hit, each, 0.0)
        ranked = ~audits & (unreviewed > 0)
        takes_bad = ranked & (left > 0) & more_bad & (rng.random(archives) < likes_bad)
        takes_bad |= ranked & (left == unreviewed)
        left -= hit | takes_bad
        unreviewed -= audits | ranked
        finds += hit
        after_find = hit
    return Drawn.of(looks), left


# --- the exact worst case -----------------------------------------------------------------------


def game_value(films: int, bad: int) -> float:
    """Return the chance that the truth is ruled out if an adversary chooses every next look.

    The adversary knows which films are bad, and takes out by ranked looks what it likes.
    """
    table = multipliers(ALPHA, bad + 1)

    @cache
    def value(unreviewed: int, left: int, finds: int, gathered: float) -> float:
        if gathered >= table[finds]:
            return 1.0
        if left == 0:
            return 0.0
        best = value(unreviewed - 1, left - 1, finds, gathered)
        if unreviewed > left:
            best = max(best, value(unreviewed - 1, left, finds, gathered))
        share = left / unreviewed
        audit = share * value(unreviewed - 1, left - 1, finds + 1, gathered)
        if share < 1:
            more = round(gathered - math.log1p(-share), 12)
            audit += (1 - share) * value(unreviewed - 1, left, finds, more)
        return max(best, audit)

    return value(films, bad, 0, 0.0)


# --- whole histories, film by film --------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What a bound may go by after a batch, and what is true."""

    history: AuditHistory
    scores: _Floats
    """Of films nobody has looked at: calibrated on films that the detector can recognise."""
    bad_left: int


Bound = Callable[[Seen], float]
"""Says how many bad films are left at most."""


def share_ever_wrong(bound: Bound, plan: Plan, *, archives: int, seed: int) -> float:
    """Return the share of archives for which a bound is below the truth after any batch."""
    wrong = 0
    for rng in np.random.default_rng(seed).spawn(archives):
        wrong += any(bound(seen) < seen.bad_left for seen in walk(plan, rng))
    return wrong / archives


def walk(plan: Plan, rng: np.random.Generator) -> Iterator[Seen]:
    """Review one archive film by film; films 0, 1, ... are the bad ones, by kind in turn."""
    kind = np.where(np.arange(plan.films) < plan.bad, np.arange(plan.films) % plan.kinds, -1)
    known = np.append(rng.permutation(plan.kinds) >= round(plan.hidden * plan.kinds), False)
    free = np.ones(plan.films, np.bool_)
    noise, looked, batches = rng.standard_normal(plan.films), {}, []
    audits = round(plan.batch_films * plan.audit_share)
    for position in range(plan.batches):
        scores = _scores(noise, known[kind], plan)
        order = np.argsort(np.where(free, -scores, np.inf), kind="stable")
        want = plan.batch_films - audits
        if position == 0 and plan.first_reviewed:
            want = max(want, int((scores > 0.5).sum()))
        ranked = order[:want]
        free[ranked] = False
        pool = np.flatnonzero(free)
        drawn = rng.permutation(pool)[:audits]
        free[drawn] = False
        batches.append(DrawnBatch(position, plan.films, len(pool), _ids(ranked), _ids(drawn)))
        for film in [*ranked.tolist(), *drawn.tolist()]:
            verdict = LookState.BAD if film < plan.bad else LookState.GOOD
            looked[str(film)] = Looked(verdict, position + 1)
        known[kind[drawn[drawn < plan.bad]]] = True
        history = AuditHistory(plan.films, tuple(batches), dict(looked))
        yield Seen(history, scores[free], int(free[: plan.bad].sum()))


def _scores(noise: _Floats, visible: _Flags, plan: Plan) -> _Floats:
    """Return the probability of being bad if every kind were visible, separated by 4 sd."""
    at = noise + np.where(visible, 4.0, 0.0)
    prior = math.log(plan.bad / plan.films)
    return np.asarray(special.expit(prior + 4.0 * at - 8.0))


def _ids(films: _Ints) -> tuple[str, ...]:
    return tuple(map(str, films.tolist()))
