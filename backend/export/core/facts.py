"""The facts of a review: films looked at, bad films and how that is known, and suspected films.

Every page and every command shows these counts, and none counts for itself. A film counts once,
however many detector tasks it was looked at for; a look counts once, however many it answered.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from enum import StrEnum

from backend.base.core.detector_task import DetectorTask
from backend.labels.core.labels import LabelSource, Verdict
from backend.review.core.item import SHEET


class Basis(StrEnum):
    """How it is known that a film is bad, the strongest first."""

    TWO_LOOKS = "two looks"
    ONE_LOOK = "one look"
    """One look called the film bad, or a person's answer without a look did: such as a label from
    a table."""
    POLICY = "policy"
    """A policy, such as an age limit, excludes the film without a look."""


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    """An item with one person's answer that stands and counts."""

    asked: frozenset[str]
    """The detector tasks that the item asked for: its own, and those that a joint item covers."""
    detector_task: str
    """The item's own detector task."""
    reviewer: str
    kind: str
    """`item.SHEET` or `item.SINGLE`."""
    films: frozenset[str]
    """Radiograph ids of the films that the item showed unchanged."""
    shown: int
    """Number of films on the item, known-answer films included."""
    hidden: int
    """Number of known-answer films on the item."""
    seconds: float | None
    """Seconds on the screen; None where the item was answered without being on a screen."""

    @property
    def on_screen(self) -> bool:
        """Whether somebody had the item on the screen."""
        return self.seconds is not None


@dataclass(frozen=True, slots=True)
class RandomDraw:
    """Films drawn at random for a review batch."""

    asked: frozenset[str]
    """The detector tasks that the batch asked for."""
    films: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMaterial:
    """Everything that the facts are counted from, as plain values."""

    tasks: Mapping[str, DetectorTask]
    films: AbstractSet[str]
    """Radiograph ids of the archive."""
    answered: Sequence[AnsweredItem]
    withdrawn: Sequence[frozenset[str]]
    """For each answer taken back, the detector tasks that its item asked for."""
    draws: Sequence[RandomDraw]
    wrong: Mapping[str, Mapping[str, Verdict]]
    """By detector task, the bad verdicts by radiograph id, see `rows.wrong_films`."""
    settled: Mapping[str, Collection[str]]
    """By detector task, ids of films that two looks called bad and nobody disputes."""
    corrections: AbstractSet[str]
    """Ids of bad films that a change of pixels corrects, see `rows.corrections_of`."""
    suspects: Mapping[str, AbstractSet[str]]
    """By detector task, ids of suspected films that nobody has decided about; a task that suspects
    nothing is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Counts of films, looks, items and reviewers."""

    films: int
    """Films in the archive."""
    looked_at: int
    """Films of the archive that somebody saw, each counted once."""
    looks: int
    """Films on answered items: a film on three items counts three times."""
    hidden: int
    """Looks at known-answer films."""
    joint: int
    """Looks that answered other detector tasks as well."""
    sheets: int
    """Contact sheets answered."""
    singles: int
    """Single items answered."""
    reviewers: int
    """People who gave these looks."""
    seconds_per_film: float | None
    """Mean seconds a look; None where nobody looked."""
    in_bulk: int
    """Items answered without being on a screen; they are no looks."""
    withdrawn: int
    """Answers taken back; no other field counts them."""
    drawn: int
    """Films drawn at random, each counted once."""
    drawn_looked_at: int
    """Drawn films that somebody saw on an item of the detector task they were drawn for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadFilms:
    """Numbers of bad films, each film counted once, by the strongest basis."""

    two_looks: int
    one_look: int
    policy: int
    correctable: int
    """Films that a change of pixels corrects completely."""
    unnamed: int
    """Other films whose exact problem nobody has named yet."""
    in_part: int
    """Other films that are turned, inverted or mirrored and have another problem as well."""

    @property
    def films(self) -> int:
        """All bad films."""
        return self.two_looks + self.one_look + self.policy

    @property
    def lasting(self) -> int:
        """Films with a named problem that no change of pixels corrects."""
        return self.films - self.correctable - self.unnamed


@dataclass(frozen=True, slots=True)
class Suspected:
    """Numbers of films that a detector, rule or report suspects and nobody has decided about."""

    films: int
    unseen: int
    """Films that nobody has seen for any detector task."""

    @property
    def seen(self) -> int:
        """Films that somebody saw without deciding, or for another detector task."""
        return self.films - self.unseen


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one detector task, or of the whole archive."""

    seen: Seen
    bad: BadFilms
    suspected: Suspected | None
    """None where nothing suspects any film. For the whole archive, bad films are left out."""
    named: int | None = None
    """Of a task that sums up others: further bad films, which count under a question of their own,
    because somebody has named what is wrong. None of any other task."""

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """The facts of the whole archive and of each detector task."""

    archive: Facts
    by_task: Mapping[str, Facts]
    """By the name of the detector task."""

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        by_task = {name: facts.as_json() for name, facts in self.by_task.items()}
        return {"archive": self.archive.as_json(), "by_task": by_task}


def review_facts(material: ReviewMaterial) -> ReviewFacts:
    """Count the facts of a review."""
    seen_films = _films_on(item for item in material.answered if item.on_screen)
    bad = bad_bases(material)
    in_all = {film for films in bad.values() for film in films}
    suspects = material.suspects
    by_task = {
        name: Facts(
            _seen(material, {name}),
            _bad(material, {name: bad.get(name, {})}),
            _suspected(suspects[name], seen_films) if name in suspects else None,
            _named(task, bad) if task.sums_up else None,
        )
        for name, task in material.tasks.items()
    }
    everywhere = {film for films in suspects.values() for film in films} - in_all
    archive = Facts(
        _seen(material, material.tasks.keys()),
        _bad(material, bad),
        _suspected(everywhere, seen_films) if suspects else None,
    )
    return ReviewFacts(archive, by_task)


def bad_bases(material: ReviewMaterial) -> dict[str, dict[str, Basis]]:
    """Return by detector task and radiograph id the basis on which a film is known to be bad."""
    return {
        name: {
            film: _basis(verdict, material.settled.get(name, ()))
            for film, verdict in verdicts.items()
            if film in material.films
        }
        for name, verdicts in material.wrong.items()
    }


def _basis(verdict: Verdict, settled: Collection[str]) -> Basis:
    if verdict.decided_by.source is not LabelSource.REVIEWER:
        return Basis.POLICY
    return Basis.TWO_LOOKS if verdict.radiograph_id in settled else Basis.ONE_LOOK


def _films_on(items: Iterable[AnsweredItem]) -> set[str]:
    return {film for item in items for film in item.films}


def _seen(material: ReviewMaterial, names: AbstractSet[str]) -> Seen:
    """Count films, looks and items that asked for any of these detector tasks."""
    answered = [item for item in material.answered if item.asked & names]
    looked = [item for item in answered if item.on_screen]
    looks = sum(item.shown for item in looked)
    drawn, drawn_looked_at = _drawn(material, names)
    return Seen(
        films=len(material.films),
        looked_at=len(_films_on(looked) & material.films),
        looks=looks,
        hidden=sum(item.hidden for item in looked),
        joint=sum(item.shown for item in looked if len(item.asked) > 1),
        sheets=sum(item.kind == SHEET for item in looked),
        singles=sum(item.kind != SHEET for item in looked),
        reviewers=len({item.reviewer for item in looked}),
        seconds_per_film=sum(item.seconds or 0.0 for item in looked) / looks if looks else None,
        in_bulk=len(answered) - len(looked),
        withdrawn=sum(bool(asked & names) for asked in material.withdrawn),
        drawn=len(drawn),
        drawn_looked_at=len(drawn_looked_at),
    )


def _drawn(material: ReviewMaterial, names: AbstractSet[str]) -> tuple[set[str], set[str]]:
    """Return films drawn for any of these tasks, and those looked at for the task of their draw."""
    drawn, looked_at = set[str](), set[str]()
    for name in names:
        films = {film for draw in material.draws if name in draw.asked for film in draw.films}
        looked = (item for item in material.answered if item.on_screen and name in item.asked)
        drawn |= films
        looked_at |= films & _films_on(looked)
    return drawn, looked_at


def _bad(material: ReviewMaterial, bad: Mapping[str, Mapping[str, Basis]]) -> BadFilms:
    """Count the bad films of the detector tasks in `bad`."""
    strongest = _strongest(bad.values())
    bases = list(strongest.values())
    correctable = material.corrections & strongest.keys()
    others = strongest.keys() - correctable
    unnamed = (others & _films_with(material, _is_unnamed)) - _films_with(material, _is_lasting)
    in_part = (others - unnamed) & _films_with(material, _is_changed)
    return BadFilms(
        two_looks=bases.count(Basis.TWO_LOOKS),
        one_look=bases.count(Basis.ONE_LOOK),
        policy=bases.count(Basis.POLICY),
        correctable=len(correctable),
        unnamed=len(unnamed),
        in_part=len(in_part),
    )


def _named(task: DetectorTask, bad: Mapping[str, Mapping[str, Basis]]) -> int:
    """Count the films that are bad for a part of a task, and so not for the task itself."""
    of_parts = {film for part in task.parts for film in bad.get(part.name, ())}
    return len(of_parts - bad.get(task.name, {}).keys())


def _strongest(bad: Iterable[Mapping[str, Basis]]) -> dict[str, Basis]:
    order = list(Basis)
    strongest: dict[str, Basis] = {}
    for films in bad:
        for film, basis in films.items():
            strongest[film] = min(basis, strongest.get(film, basis), key=order.index)
    return strongest


def _films_with(
    material: ReviewMaterial, kind: Callable[[DetectorTask, Verdict], bool]
) -> set[str]:
    """Return films with at least one bad verdict that `kind` accepts."""
    return {
        film
        for name, verdicts in material.wrong.items()
        for film, verdict in verdicts.items()
        if kind(material.tasks[name], verdict)
    }


def _is_unnamed(task: DetectorTask, verdict: Verdict) -> bool:
    """Whether the exact problem is not known: any problem, or a label that was only denied."""
    return task.sums_up or verdict.label is None


def _is_lasting(task: DetectorTask, verdict: Verdict) -> bool:
    return not _is_unnamed(task, verdict) and not _is_changed(task, verdict)


def _is_changed(task: DetectorTask, verdict: Verdict) -> bool:
    return verdict.label is not None and verdict.label in task.made_by


def _suspected(films: AbstractSet[str], seen: AbstractSet[str]) -> Suspected:
    return Suspected(len(films), len(films - seen))
