"""The facts of a review: what people saw, what is bad and how that is known, and what is suspected.

Every page and every command says these, and counts nothing itself. A film counts once, however many
detector tasks it was looked at for; a look counts once, however many of them it answered.
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
    """Or a person's answer that came without a look on a screen, such as a table of labels."""
    POLICY = "policy"
    """A rule that nobody has to confirm."""


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    """An item as one person answered it: the answer stands, and it counts."""

    asked: frozenset[str]
    """The detector tasks that it asked for: its own, and those that a joint item covers."""
    detector_task: str
    """Whose item it is."""
    reviewer: str
    kind: str
    """`item.SHEET` or `item.SINGLE`."""
    films: frozenset[str]
    """Radiograph ids of the films that it showed as they are."""
    shown: int
    """Films on it, hidden ones with a known answer among them."""
    hidden: int
    """Those with a known answer."""
    seconds: float | None
    """None where it was answered without being on anybody's screen."""

    @property
    def on_screen(self) -> bool:
        """Whether somebody had it before their eyes."""
        return self.seconds is not None


@dataclass(frozen=True, slots=True)
class RandomDraw:
    """Films drawn at random for a review batch."""

    asked: frozenset[str]
    """The detector tasks that the batch asked for."""
    films: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewMaterial:
    """All that the facts are counted from, as plain values."""

    tasks: Mapping[str, DetectorTask]
    films: AbstractSet[str]
    """Radiograph ids of the archive."""
    answered: Sequence[AnsweredItem]
    withdrawn: Sequence[frozenset[str]]
    """For each answer that was taken back, the detector tasks that its item asked for."""
    draws: Sequence[RandomDraw]
    wrong: Mapping[str, Mapping[str, Verdict]]
    """By detector task, the bad verdicts by radiograph id, see `rows.wrong_films`."""
    settled: Mapping[str, Collection[str]]
    """By detector task, the films that two looks called bad, undisputed."""
    corrections: AbstractSet[str]
    """Radiograph ids of bad films that a change of pixels puts right, see `rows.corrections_of`."""
    suspects: Mapping[str, AbstractSet[str]]
    """By detector task, films suspected and not decided; a task that suspects nothing is left out.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What people had before their eyes."""

    films: int
    """In the archive."""
    looked_at: int
    """Films of the archive that somebody saw, each once."""
    looks: int
    """Films on answered items: a film on three items is looked at three times."""
    hidden: int
    """Those of the looks that were at films with a known answer."""
    joint: int
    """Those of the looks that answered other detector tasks as well."""
    sheets: int
    """Contact sheets answered."""
    singles: int
    """Single films answered."""
    reviewers: int
    """People whose looks those are."""
    seconds_per_film: float | None
    """None where nobody looked."""
    in_bulk: int
    """Items answered without being on anybody's screen; they are no looks."""
    withdrawn: int
    """Answers that were taken back; nothing else here counts them."""
    drawn: int
    """Films drawn at random, each once."""
    drawn_looked_at: int
    """Those of them that somebody saw on an item that asked what they were drawn for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadFilms:
    """Films known to be bad, each once, by the strongest of what it is known by."""

    two_looks: int
    one_look: int
    policy: int
    correctable: int
    """A change of pixels puts right all that is wrong with them."""
    unnamed: int
    """Of the others: nobody has said yet what is wrong with them, or how they are turned."""
    in_part: int
    """Of the rest: turned, inverted or mirrored, with another problem besides that stays."""

    @property
    def films(self) -> int:
        """All of them."""
        return self.two_looks + self.one_look + self.policy

    @property
    def lasting(self) -> int:
        """Films that no change of pixels puts right."""
        return self.films - self.correctable - self.unnamed


@dataclass(frozen=True, slots=True)
class Suspected:
    """Films that a detector, a rule or a report suspects and nobody has decided about."""

    films: int
    unseen: int
    """Those that nobody has seen, for whatever detector task."""

    @property
    def seen(self) -> int:
        """Those that somebody saw without deciding this, or for another detector task."""
        return self.films - self.unseen


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of one detector task, or of the whole archive."""

    seen: Seen
    bad: BadFilms
    suspected: Suspected | None
    """None where nothing suspects any film. Of the whole archive: films that are not bad already.
    """

    def as_json(self) -> dict[str, object]:
        """Return plain values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """The facts of a review."""

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
        )
        for name in material.tasks
    }
    everywhere = {film for films in suspects.values() for film in films} - in_all
    archive = Facts(
        _seen(material, material.tasks.keys()),
        _bad(material, bad),
        _suspected(everywhere, seen_films) if suspects else None,
    )
    return ReviewFacts(archive, by_task)


def bad_bases(material: ReviewMaterial) -> dict[str, dict[str, Basis]]:
    """Return by detector task and radiograph id how it is known that a film is bad."""
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
    """Return what people saw on items that asked for any of these detector tasks."""
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
    """Return the films drawn for any of these tasks, and those looked at for what they were."""
    drawn, looked_at = set[str](), set[str]()
    for name in names:
        films = {film for draw in material.draws if name in draw.asked for film in draw.films}
        looked = (item for item in material.answered if item.on_screen and name in item.asked)
        drawn |= films
        looked_at |= films & _films_on(looked)
    return drawn, looked_at


def _bad(material: ReviewMaterial, bad: Mapping[str, Mapping[str, Basis]]) -> BadFilms:
    """Count the bad films of some detector tasks."""
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
    """Return the films of which any bad verdict is of a kind."""
    return {
        film
        for name, verdicts in material.wrong.items()
        for film, verdict in verdicts.items()
        if kind(material.tasks[name], verdict)
    }


def _is_unnamed(task: DetectorTask, verdict: Verdict) -> bool:
    """Whether it is not known what is wrong: a problem without a name, or a class not known."""
    return task.sums_up or verdict.label is None


def _is_lasting(task: DetectorTask, verdict: Verdict) -> bool:
    return not _is_unnamed(task, verdict) and not _is_changed(task, verdict)


def _is_changed(task: DetectorTask, verdict: Verdict) -> bool:
    return verdict.label is not None and verdict.label in task.made_by


def _suspected(films: AbstractSet[str], seen: AbstractSet[str]) -> Suspected:
    return Suspected(len(films), len(films - seen))
