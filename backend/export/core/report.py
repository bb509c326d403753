"""What the archive report says: everything on the page for a head of department, as plain values.

Nobody is named in it: no patient, no path, no reviewer. Films have the beginning of their id.
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
"""At most this many films of a class are shown. Ids are hashes: the first are a random sample."""
SHORT_ID = 8
_LONG_ID = re.compile(r"\b[0-9a-f]{16,}\b")
_PATH = re.compile(r"\S*[/\\]\S+")


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure with its name, its unit, and the films it was measured on."""

    name: str
    figure: Figure
    on: str
    """Which films it was measured on, and how many."""
    unit: str = "%"
    """`%` for a share from 0 to 1; else the unit of the value as it is."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A film that was found, as it is and as it should be."""

    short_id: str
    found: NDArray[np.uint8]
    """Shape (pixels, pixels): squashed to a square, as thumbnails are."""
    width_px: int
    height_px: int
    """Of the film as found."""
    corrected: NDArray[np.uint8] | None
    """The same after its correction; None where there is none, or a detector refutes it."""
    turned: bool
    """Whether the correction swaps width and height."""


@dataclass(frozen=True, slots=True)
class FoundClass:
    """The films of one detector task that are known to have one label that is not expected."""

    label: str | None
    """None where it is only known that they do not have the expected label."""
    called: str
    """The label, or its lack, in the words of people."""
    films: int
    corrected: int
    """Those that a correction puts right, and that pass the detectors after it."""
    refuted: int
    """Those whose correction a detector refutes: they wait for another look."""
    by_basis: Mapping[Basis, int]
    """How it is known of how many of them."""
    pictures: Sequence[Picture]
    """At most `MOST_PICTURES`."""


@dataclass(frozen=True, slots=True)
class Audited:
    """The certificate, and what would make it say more."""

    certificate: Certificate
    halved: AuditForecast
    course: Course


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A model version as it was judged when it was trained."""

    model_version: str
    trained_at: str
    reviewer_labels: int
    """There were so many when it was trained, those of sealed patients among them."""
    sealed_wrong: Share
    """Views of the sealed films of that day that it judged wrong."""
    in_use: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A version became the one in use."""

    model_version: str
    at: str
    reason: str
    rolled_back: bool
    """Whether it had been in use before, and another one in between."""


@dataclass(frozen=True, slots=True)
class DetectorSection:
    """What is known of the detector of a task."""

    versions: Sequence[VersionRow]
    publications: Sequence[Published]
    judged: Sequence[Stated]
    """The version in use, on the films that its card names."""
    estimates: Sequence[Stated]
    """In the archive itself, from the films drawn at random."""
    curves: Curves | None
    learnt_from_known: bool = True
    """Whether it is on record which films the version in use learnt from, or none is in use."""


@dataclass(frozen=True, slots=True)
class NamedCutOff:
    """The cut-off of one check of a rule, and what people call the films beyond it."""

    called: str
    in_force: CutOffInForce


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """All there is to say of one detector task."""

    name: str
    question: str
    expected_label: str
    facts: Facts
    """What was looked at, what is bad, and what is suspected."""
    with_verdict: int
    """Films with a verdict by anybody or anything."""
    undecided: int
    """Films of which it is known what they are not, and not yet what they are."""
    waiting: int
    """Films that wait in Label Studio."""
    found: Sequence[FoundClass]
    audited: Audited | None
    not_audited: str
    """Why there is no certificate."""
    meters: ReviewMeters | None
    detector: DetectorSection
    sums_up: bool = False
    """Whether it asks for any problem at all: its certificate then speaks for all questions."""
    cut_offs: Sequence[NamedCutOff] = ()
    """Of a rule: where it begins to suspect films."""
    title: str = ""
    """What people call the task; empty: its name."""

    @property
    def called(self) -> str:
        """What people call the task."""
        return self.title or self.name

    @property
    def bad(self) -> int:
        """Films known to be bad."""
        return self.facts.bad.films

    @property
    def looked_at(self) -> int:
        """Films that somebody looked at for this detector task, alone or among others."""
        return self.facts.seen.looked_at

    @property
    def suspected(self) -> int | None:
        """Films suspected that nobody has decided about; None: nothing suspects any."""
        return self.facts.suspected.films if self.facts.suspected else None


@dataclass(frozen=True, slots=True)
class PredictionDigest:
    """What a version said about every film, by its digest."""

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
    """What it takes to make the figures again."""

    at: str
    """When the report was made: UTC, ISO 8601."""
    radsieve: str
    films_digest: str
    """SHA-256 of all radiograph ids, sorted: which films this is about."""
    workspace: str
    """A hash that is the same for every report of one workspace, and gives nothing away."""
    settings: Mapping[str, str]
    """Those that are not as by default; texts are only said to be set."""
    seeds: Mapping[str, int]
    """Of what is drawn for intervals."""
    batches: Sequence[BatchSeed]
    predictions: Sequence[PredictionDigest]
    ledger_rows: int
    ledger_head: str
    """The digest of the last row, which seals all rows before it."""
    overrides: Sequence[str]
    """When a person went on with an export that was blocked, and which row of the ledger says why.
    """
    ledger_fault: str
    """Where the chain of rows breaks; empty: it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveReport:
    """The whole report."""

    films: int
    unreadable: int
    copies: int
    """Files that hold, byte for byte, what another file holds."""
    patients: int
    patients_known_by: Mapping[str, int]
    """Patients by what they were taken from; a folder, or the film itself, only stands for one."""
    sealed_patients: int
    facts: ReviewFacts
    """What was looked at, what is bad, and what is suspected."""
    refuted_films: int
    """Films that could be put right, but a detector objects to the corrected film."""
    changed_files: int = 0
    """Files of listed films that are no longer what was indexed."""
    tasks: Sequence[TaskReport]
    bias: BiasReport
    provenance: Provenance

    @property
    def bad_films(self) -> int:
        """Films known to be bad for at least one detector task."""
        return self.facts.archive.bad.films

    @property
    def corrected_films(self) -> int:
        """Films that a correction puts right, and that pass the detectors after it."""
        return self.facts.archive.bad.correctable - self.refuted_films


def short_id(radiograph_id: str) -> str:
    """Return the beginning of an id: enough for `radsieve why`, in most archives."""
    return radiograph_id[:SHORT_ID]


def without_ids_and_paths(text: str) -> str:
    """Return a sentence of the program with ids shortened and paths left out.

    >>> without_ids_and_paths("it misses 0123456789abcdef0123 of /archive/a.png")
    'it misses 01234567 of (path left out)'
    """
    shortened = _LONG_ID.sub(lambda match: short_id(match[0]), text)
    return _PATH.sub("(path left out)", shortened)
