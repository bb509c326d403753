"""The archive report for a head of department: everything on its page, as plain values.

It names no patient, no path and no reviewer. A film is named by the first letters of its id.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.base.core.figures import Figure, Share
from backend.certificate.core.certificate import Certificate
from backend.certificate.core.curves import Curves
from backend.certificate.core.forecast import AuditForecast, Course
from backend.export.core.bias import BiasReport
from backend.export.core.facts import Basis, Facts, ReviewFacts
from backend.labels.core.cut_off_in_force import CutOffInForce
from backend.review.core.meters import ReviewMeters

MOST_PICTURES = 24
"""The most films that are shown of a class. Ids are hashes, so the first are a random sample."""
SHORT_ID = 8
_LONG_ID = re.compile(r"\b[0-9a-f]{16,}\b")
_PATH = re.compile(r"\S*[/\\]\S+")


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure with its name, its unit, and the films it was measured on."""

    name: str
    figure: Figure
    on: str
    """The films that the figure was measured on, and their number, in words."""
    unit: str = "%"
    """`%` for a share from 0 to 1, which the page shows as percent; otherwise the value's unit."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A bad film, as it is and as corrected."""

    short_id: str
    found: NDArray[np.uint8]
    """The film as it is, shape (pixels, pixels): squashed to a square, as thumbnails are."""
    width_px: int
    """Width of the film as it is."""
    height_px: int
    """Height of the film as it is."""
    corrected: NDArray[np.uint8] | None
    """The corrected film in the same shape; None without a correction, or if a detector objects."""
    turned: bool
    """Whether the correction swaps width and height."""


@dataclass(frozen=True, slots=True)
class FoundClass:
    """The bad films of one detector task that have the same label."""

    label: str | None
    """None where it is only known that the films do not have the expected label."""
    called: str
    """The label, or its lack, in words for people."""
    films: int
    corrected: int
    """Films that can be corrected, and whose corrected picture passes every detector."""
    refuted: int
    """Films that wait for another look because a detector objects to the corrected picture."""
    by_basis: Mapping[Basis, int]
    """Number of films by the basis on which they are known to be bad."""
    pictures: Sequence[Picture]
    """At most `MOST_PICTURES`."""


@dataclass(frozen=True, slots=True)
class Audited:
    """The certificate, with a forecast of the looks that halve it and the advised course."""

    certificate: Certificate
    halved: AuditForecast
    course: Course


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A model version as it was judged when it was trained."""

    model_version: str
    trained_at: str
    reviewer_labels: int
    """Number of reviewers' labels when it was trained, those of sealed patients included."""
    sealed_wrong: Share
    """Share of views judged wrong, of the films that were sealed at that time."""
    in_use: bool


@dataclass(frozen=True, slots=True)
class Published:
    """The publication of a version: from then on it was in use."""

    model_version: str
    at: str
    reason: str
    rolled_back: bool
    """Whether the version had been in use before, with another version in between."""


@dataclass(frozen=True, slots=True)
class DetectorSection:
    """Versions, publications and figures of a task's detector."""

    versions: Sequence[VersionRow]
    publications: Sequence[Published]
    judged: Sequence[Stated]
    """Figures of the version in use, on the films that its card names."""
    estimates: Sequence[Stated]
    """Figures in the archive itself, estimated from the films drawn at random."""
    curves: Curves | None
    learnt_from_known: bool = True
    """Whether the films that the version in use learnt from are on record; True without a version.
    """


@dataclass(frozen=True, slots=True)
class NamedCutOff:
    """The cut-off of one check of a rule, with the name for people of films beyond it."""

    called: str
    in_force: CutOffInForce


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """Everything that the report says about one detector task."""

    name: str
    question: str
    expected_label: str
    facts: Facts
    """Counts of films looked at, bad films and suspected films."""
    with_verdict: int
    """Films with a verdict, by a reviewer, a report or a rule."""
    undecided: int
    """Films whose labels only rule out a class, so that their class is not known yet."""
    waiting: int
    """Films that wait for a reviewer in Label Studio."""
    found: Sequence[FoundClass]
    audited: Audited | None
    not_audited: str
    """Why there is no certificate."""
    meters: ReviewMeters | None
    detector: DetectorSection
    sums_up: bool = False
    """Whether the task asks for any problem at all: its certificate then covers all questions."""
    cut_offs: Sequence[NamedCutOff] = ()
    """The cut-offs beyond which a rule suspects films; empty for other tasks."""
    title: str = ""
    """The task's name for people; empty: `name`."""

    @property
    def called(self) -> str:
        """The task's name for people."""
        return self.title or self.name

    @property
    def counts_as(self) -> str:
        """The bad films that it counts, in words: any problem has only those that nobody named."""
        return f"{self.called}, not named yet" if self.sums_up else self.called

    @property
    def bad(self) -> int:
        """Films known to be bad."""
        return self.facts.bad.films

    @property
    def looked_at(self) -> int:
        """Films that somebody looked at for this detector task, alone or together with others."""
        return self.facts.seen.looked_at

    @property
    def suspected(self) -> int | None:
        """Suspected films that nobody has decided about; None where nothing suspects any film."""
        return self.facts.suspected.films if self.facts.suspected else None


@dataclass(frozen=True, slots=True)
class PredictionDigest:
    """The digest of a version's predictions for all films."""

    task: str
    model_version: str
    films: int
    sha256: str


@dataclass(frozen=True, slots=True)
class BatchSeed:
    """A review batch, and the seed that draws it again."""

    task: str
    batch_id: int
    at: str
    model_version: str
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Everything that is needed to compute the report's figures again."""

    at: str
    """When the report was made: UTC, ISO 8601."""
    radsieve: str
    films_digest: str
    """SHA-256 of the sorted ids of all films."""
    workspace: str
    """A hash that is the same for every report of one workspace, and tells nothing about it."""
    settings: Mapping[str, str]
    """Settings that differ from their defaults; a text setting shows only that it is set."""
    seeds: Mapping[str, int]
    """Seeds of the random draws for intervals."""
    batches: Sequence[BatchSeed]
    predictions: Sequence[PredictionDigest]
    ledger_rows: int
    ledger_head: str
    """Digest of the ledger's last row, which covers all rows before it."""
    overrides: Sequence[str]
    """For each blocked export that a person continued: its time, and the row with the reason."""
    ledger_fault: str
    """The place where the chain of rows breaks, in words; empty: the chain is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReport:
    """The whole archive report."""

    films: int
    unreadable: int
    copies: int
    """Files with the same bytes as another file."""
    patients: int
    patients_known_by: Mapping[str, int]
    """Number of patients by the source of their ids; a folder or a film may stand for a patient."""
    sealed_patients: int
    facts: ReviewFacts
    """Counts of films looked at, bad films and suspected films."""
    refuted_films: int
    """Films that could be corrected, but a detector objects to the corrected film."""
    changed_files: int = 0
    """Files of listed films whose content has changed since they were indexed."""
    tasks: Sequence[TaskReport]
    bias: BiasReport
    provenance: Provenance

    @property
    def bad_films(self) -> int:
        """Films known to be bad for at least one detector task."""
        return self.facts.archive.bad.films


def short_id(radiograph_id: str) -> str:
    """Return the first 8 letters of an id; in most archives `radsieve why` accepts them."""
    return radiograph_id[:SHORT_ID]


def without_ids_and_paths(text: str) -> str:
    """Return a program's message with ids shortened and paths left out.

    >>> without_ids_and_paths("it misses 0123456789abcdef0123 of /archive/a.png")
    'it misses 01234567 of (path left out)'
    """
    shortened = _LONG_ID.sub(lambda match: short_id(match[0]), text)
    return _PATH.sub("(path left out)", shortened)
