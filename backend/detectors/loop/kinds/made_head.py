"""A head of the network that is trained on films made into every label."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.archive.adapters.catalogue import films
from backend.archive.adapters.thumbnail_store import ThumbnailStore
from backend.archive.core.identity import fold_of
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.progress import Progress, step_counter
from backend.base.core.task_kinds import made_labels
from backend.detectors.adapters.detector import Detector
from backend.detectors.adapters.tiny_detector import (
    TINY,
    TinyDetector,
    parse_network,
    tiny_version,
)
from backend.detectors.adapters.tiny_network import choose_device
from backend.detectors.adapters.training.network_trainer import Recipe
from backend.detectors.core.model_card import ModelCard, NewVersion, SavedVersion, TrainingFacts
from backend.detectors.core.training_result import Judgement
from backend.detectors.loop.detector_kind import DetectorKind, TrainingInputs
from backend.detectors.loop.probe.learners import NetworkLearner, SaidOfViews
from backend.detectors.loop.probe.material import (
    NETWORK,
    NETWORK_ROUNDS,
    Material,
    OwnWay,
    films_to_make,
    made_material,
)
from backend.detectors.loop.training.fit_made import CONFIRMED_TIMES, FittedMade, Plan, fit_made
from backend.detectors.loop.training.judge import (
    baseline_figures,
    confirmed_verdicts,
    judge,
    precision_in_archive,
    predictor,
    sealed_figures,
)
from backend.detectors.loop.training.made_doubts import made_doubts
from backend.detectors.loop.training.made_films import (
    FilmSet,
    Split,
    Verdicts,
    made_films,
    split_archive,
)
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import Label, verdicts

TRAINING_CODE = 1
"""Raise it when a change of the code makes other networks from the same films."""
SMALL_ARCHIVE = 400
"""A smaller archive is passed over as often as if it had so many films: 12,000 views by default."""
MOST_FOLD_VIEWS = 5000
"""Enough to tell suspects."""


class MadeHeadKind(DetectorKind):
    """A head of the network that is trained on films made into every label of every such task."""

    name = "made_head"
    stored_as = (TINY,)
    progress_words = ("train", "view")

    def gather(
        self, workspace: Workspace, task: DetectorTask, inputs: TrainingInputs
    ) -> "MadeTraining":
        """Put the films right that reviewers have answered for; take those with nothing wrong."""
        made_labels(task)
        family = [each for each in inputs.tasks if each.shares_network] or [task]
        known = _known(workspace, family, {task.name: inputs.extra_labels})
        split = split_archive(workspace, family, known)
        return MadeTraining(workspace, task, family, known, split)

    def load(self, saved: SavedVersion, device: str) -> TinyDetector:
        """Make the network of the card's heads."""
        network = parse_network(saved.card, saved.weights).to(choose_device(device))
        return TinyDetector(saved.model_version, network, saved.card)

    def probe_material(
        self, workspace: Workspace, task: DetectorTask, extra_labels: Sequence[Label]
    ) -> Material[SaidOfViews]:
        """Train tiny networks on films made into every label."""
        films, supply = films_to_make(workspace, task, extra_labels)
        own = NetworkLearner(films, task, choose_device(workspace.settings.device))
        return made_material(films, supply, OwnWay(NETWORK, NETWORK_ROUNDS, own))


KIND = MadeHeadKind()


class MadeTraining:
    """One network for a whole family of tasks, judged for one of them."""

    def __init__(
        self,
        workspace: Workspace,
        task: DetectorTask,
        family: Sequence[DetectorTask],
        known: Verdicts,
        split: Split,
    ) -> None:
        """Take what is known of the films, and which of them are sealed."""
        self._workspace, self._task, self._family = workspace, task, family
        self._known, self._split = known, split
        self.fingerprint = _fingerprint(workspace, family, split, known)

    def fit(self, progress: Progress | None) -> NewVersion:
        """Fit the network; the figures are those of every task of the family."""
        workspace, family = self._workspace, self._family
        training = made_films(self._store, self._split.training)
        material = _MadeMaterial(training, self._sealed, self._known, self.fingerprint)
        plan = make_plan(workspace.settings, len(training))
        folds = _folds(training.patients, workspace.secrets.archive_key, workspace.settings.folds)
        views = plan.final.views_shown + len(set(folds.tolist())) * plan.fold.views_shown
        counter = step_counter(progress, views)
        fitted = fit_made(training, folds, family, plan, progress=counter)
        facts = _training_facts(family, material, plan, fitted)
        card = ModelCard(heads=fitted.heads(family), training=facts)
        detector = TinyDetector("unsaved", fitted.network, card)
        figures = {
            task.name: _figures(workspace, task, detector, material, fitted) for task in family
        }
        # Suspects are among the films: they decided how sure the network may be.
        return tiny_version(fitted.network, replace(card, figures=figures), training.radiograph_ids)

    def judge(self, detector: Detector) -> Judgement:
        """Judge it on made views of sealed films."""
        confirmed = confirmed_verdicts(self._known[self._task.name])
        return judge(self._workspace, self._task, detector, self._sealed, confirmed)

    @property
    def _store(self) -> ThumbnailStore:
        return ThumbnailStore(self._workspace.thumbnails)

    @cached_property
    def _sealed(self) -> FilmSet:
        return made_films(self._store, self._split.sealed)


def make_plan(settings: Settings, film_count: int) -> Plan:
    """Return how to train: `epochs` passes, more of them where there are few films."""
    views = settings.epochs * max(film_count, SMALL_ARCHIVE)
    fold_views = min(views, MOST_FOLD_VIEWS)
    device = choose_device(settings.device).type
    return Plan(final=Recipe(views=views), fold=Recipe(views=fold_views), device=device)


@dataclass(frozen=True, slots=True)
class _MadeMaterial:
    training: FilmSet
    sealed: FilmSet
    known: Verdicts
    fingerprint: str


def _known(
    workspace: Workspace,
    family: Sequence[DetectorTask],
    extra: Mapping[str, Sequence[Label]],
) -> Verdicts:
    return {
        task.name: verdicts(
            [*standing_labels(workspace.database, task.name), *extra.get(task.name, ())], task
        )
        for task in family
    }


def _fingerprint(
    workspace: Workspace, family: Sequence[DetectorTask], split: Split, known: Verdicts
) -> str:
    """Return a hash of everything that decides what a training makes."""
    settings = workspace.settings
    facts = {
        "code": [TRAINING_CODE, CONFIRMED_TIMES],
        "plan": asdict(make_plan(settings, len(split.training))),
        "folds": [settings.folds, workspace.secrets.archive_key.hex()],
        "family": [[task.name, task.labels, str(dict(task.made_by))] for task in family],
        "label_safe": [sorted(made_labels(task).label_safe) for task in family],
        "films": [
            [
                base.film.radiograph_id,
                base.film.patient_key,
                asdict(base.correction),
                base.confirmed,
            ]
            for base in (*split.training, *split.sealed)
        ],
        "sealed": len(split.sealed),
        "answers": sorted(
            [name, film, str(verdict.label), *sorted(verdict.denied)]
            for name, found in known.items()
            for film, verdict in found.items()
        ),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _folds(patients: Sequence[str], archive_key: bytes, folds: int) -> NDArray[np.int64]:
    found = np.array([fold_of(patient, archive_key, folds) for patient in patients])
    if len(set(found.tolist())) > 1:
        return found
    # A handful of patients may all be drawn into one fold; then half of them make the other.
    known = sorted(set(patients))
    return np.array([2 * known.index(patient) // len(known) for patient in patients])


def _training_facts(
    family: Sequence[DetectorTask], material: _MadeMaterial, plan: Plan, fitted: FittedMade
) -> TrainingFacts:
    training, known = material.training, material.known
    ids = training.radiograph_ids
    return TrainingFacts(
        fingerprint=material.fingerprint,
        films=len(training) - fitted.suspect_count,
        patients=len(set(training.patients)),
        confirmed_films=int(training.confirmed.sum()),
        suspects={name: list(films_left) for name, films_left in fitted.suspects.items()},
        doubts={
            task.name: made_doubts(ids, fitted.said[task.name], task, known[task.name])
            for task in family
        },
        out_of_fold={name: asdict(each) for name, each in fitted.out_of_fold.items()},
        more={"plan": asdict(plan)},
    )


def _figures(
    workspace: Workspace,
    task: DetectorTask,
    detector: Detector,
    material: _MadeMaterial,
    fitted: FittedMade,
) -> dict[str, Any]:
    """Return a task's figures on the sealed films, and the baseline's beside them."""
    training, sealed, known = material.training, material.sealed, material.known[task.name]
    trusted = training.only(~np.isin(training.radiograph_ids, fitted.suspects[task.name]))
    ours = sealed_figures(predictor(detector, task), sealed, task)
    baseline = baseline_figures(trusted, sealed, task)
    bad = sum(verdict.is_bad(task) for verdict in confirmed_verdicts(known).values())
    return {
        **ours.as_json(),
        "baseline": baseline.as_json(),
        "baseline_is_better": baseline.errors < ours.errors,
        "in_archive": precision_in_archive(ours.binary, bad, len(films(workspace.database))),
    }
