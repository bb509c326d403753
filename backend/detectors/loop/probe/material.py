"""The films of an archive that a probe learns from, and the ways of learning it compares.

Films of sealed patients are not among them: nothing learns from those films, not even a network
that is thrown away.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic

import numpy as np

from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.base.adapters.workspace import DetectorFiles, Workspace
from backend.base.core.detector_task import DetectorTask
from backend.detectors.adapters.box_detector import spatial_backbone
from backend.detectors.adapters.detector import feature_store
from backend.detectors.adapters.training.box_trainer import box_examples
from backend.detectors.adapters.training.head_trainer import Answered
from backend.detectors.core.film_choice import Positions, choose_films
from backend.detectors.core.probe.enough_films import Supply
from backend.detectors.loop.probe.box_learners import (
    LEAST_FILMS,
    BoxLearner,
    MeanBoxLearner,
    SaidOfBoxes,
)
from backend.detectors.loop.probe.findings import Findings, Question, box_findings, view_findings
from backend.detectors.loop.probe.learners import (
    AnsweredPixelLearner,
    HeadLearner,
    MadeLearner,
    MadePixelLearner,
    SaidOfViews,
)
from backend.detectors.loop.probe.trials import Effort, Learner, Said
from backend.detectors.loop.training.answered_films import AnsweredFilms
from backend.detectors.loop.training.boxed_films import BoxedFilms
from backend.detectors.loop.training.made_films import FilmSet, made_films, split_archive
from backend.labels.core.labels import Label
from backend.reports.loop.report_labels import verdicts_in_force

MOST_FILMS = 1000
"""The most films with made labels; more take longer and hardly change the advice."""
NETWORK, CHANGED_SELF, HEAD = (
    "tiny network",
    "film against its changed self",
    "head on frozen features",
)
PIXELS = "16x16 pixels"
BOXES, MEAN_BOX = "heads on frozen maps", "the mean box"
NETWORK_ROUNDS, HEAD_ROUNDS, BOX_ROUNDS = 1, 3, 1
"""Number of cross-validations. A head trains almost at once; the others take seconds or minutes."""
FEW_FILMS = 1000
"""With more answered films, one cross-validation scatters little, and heads also take a while."""


@dataclass(frozen=True, slots=True)
class Material(Generic[Said]):
    """The films of a probe, and the learners that it compares."""

    learners: Mapping[str, Learner[Said]]
    """Name -> learner: first the detector's own way, then the baseline."""
    effort: Effort
    findings: Callable[[Sequence[Said], Positions, Question], Findings]
    """Computes the figures of a cross-validation, without the films at the positions given."""
    radiograph_ids: Sequence[str]
    """Ids of the films, in the learners' order."""
    supply: Supply
    """The films that a training could learn from."""
    facts: Mapping[str, Any]
    """Plain values: counts of films, patients and labels."""


@dataclass(frozen=True, slots=True)
class OwnWay:
    """How the detectors of a kind learn from films that are made into every label."""

    name: str
    rounds: int
    """Number of cross-validations."""
    learner: MadeLearner


def made_material(films: FilmSet, supply: Supply, own: OwnWay) -> Material[SaidOfViews]:
    """Compare a kind's own way of learning with 16 x 16 pixels, on films made into every label.

    Args:
        films: correct films.
        supply: the films that a training could learn from.
        own: the kind's way; its learner has the same films.
    """
    return Material(
        learners={own.name: own.learner, PIXELS: MadePixelLearner(films, own.learner.task)},
        effort=Effort(own.rounds),
        findings=partial(_view_findings, films.patients),
        radiograph_ids=films.radiograph_ids,
        supply=supply,
        facts={"films": len(films), "patients": len(set(films.patients))},
    )


def box_material(
    files: DetectorFiles, task: DetectorTask, boxed: BoxedFilms
) -> Material[SaidOfBoxes]:
    """Compare box heads with the mean box, on films with boxes outside the sealed set."""
    thumbnails = ThumbnailStore(files.thumbnails).read(boxed.rows)
    films = box_examples(task, thumbnails, boxed.boxes, boxed.patients)
    backbone = spatial_backbone(files.device)

    def findings(said: Sequence[SaidOfBoxes], _: Positions, question: Question) -> Findings:
        return box_findings(said, boxed.patients, boxed.size_px, question)

    return Material(
        learners={BOXES: BoxLearner(films, backbone), MEAN_BOX: MeanBoxLearner(films)},
        effort=Effort(BOX_ROUNDS, LEAST_FILMS),
        findings=findings,
        radiograph_ids=[film.radiograph_id for film in boxed.films],
        supply=Supply("films with boxes", len(boxed), {}),
        facts={
            "films": len(boxed),
            "patients": len(set(boxed.patients)),
            "boxes": int((~np.isnan(boxed.boxes).any(axis=-1)).sum()),
        },
    )


def films_to_make(
    workspace: Workspace, task: DetectorTask, extra_labels: Sequence[Label]
) -> tuple[FilmSet, Supply]:
    """Return correct films outside the sealed set, at most `MOST_FILMS`, and the number of all.

    Raises:
        NotEnoughFilmsError: too few films or patients.
    """
    known = verdicts_in_force(workspace.database, workspace.seal_terms, task, extra_labels)
    split = split_archive(
        workspace.database,
        workspace.seal_terms,
        [task],
        {task.name: known},
        most_films=workspace.settings.train_films,
    )
    names = [(base.film.radiograph_id, base.film.patient_key) for base in split.training]
    key = workspace.secrets.archive_key
    positions = choose_films(names, MOST_FILMS, purpose="probe", archive_key=key)
    store = ThumbnailStore(workspace.thumbnails)
    films = made_films(store, [split.training[position] for position in positions])
    return films, Supply("films (labels are made, none is needed)", len(split.training), {})


def answered_material(
    files: DetectorFiles, task: DetectorTask, labelled: AnsweredFilms
) -> Material[SaidOfViews]:
    """Compare heads on frozen features with 16 x 16 pixels, on films with a label each."""
    answered = Answered(
        feature_store(files).read(labelled.rows),
        labelled.labels,
        np.array(labelled.patients, dtype=np.str_),
        labelled.weights,
    )
    thumbnails = ThumbnailStore(files.thumbnails).read(labelled.rows)
    return Material(
        learners={
            HEAD: HeadLearner(answered, task),
            PIXELS: AnsweredPixelLearner(thumbnails, answered, task),
        },
        effort=Effort(HEAD_ROUNDS if len(labelled) <= FEW_FILMS else 1),
        findings=partial(_view_findings, labelled.patients),
        radiograph_ids=[film.radiograph_id for film in labelled.films],
        supply=_labelled(labelled, task),
        facts={
            "films": len(labelled),
            "patients": len(set(labelled.patients)),
            "films_by_label": labelled.count_by_label(task),
            "assumed_films": int(labelled.assumed.sum()),
        },
    )


def _labelled(training: AnsweredFilms, task: DetectorTask) -> Supply:
    mix = {
        label: count / len(training)
        for label, count in training.count_by_label(task).items()
        if count
    }
    kind = "labelled films"
    if training.assumed.any():
        kind += f", or taken to be {task.expected_label}"
    return Supply(kind, len(training), mix)


def _view_findings(
    patients: Sequence[str],
    said: Sequence[SaidOfViews],
    left_out: Positions,
    question: Question,
) -> Findings:
    return view_findings(said, patients, left_out, question)
