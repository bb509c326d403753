"""A head of the network that is trained on films made into every label."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from backend.archive.core.identity import fold_of
from backend.base.adapters.settings import Settings
from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.doing import Doing
from backend.base.core.progress import Progress, step_counter
from backend.base.core.task_kinds import made_labels
from backend.detectors.adapters.tiny_detector import (
    TINY,
    TinyDetector,
    parse_network,
    tiny_version,
)
from backend.detectors.adapters.tiny_network import choose_device
from backend.detectors.adapters.training.network_trainer import Recipe
from backend.detectors.core.model_card import ModelCard, NewVersion, SavedVersion, TrainingFacts
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
from backend.detectors.loop.training.made_doubts import made_doubts
from backend.detectors.loop.training.made_films import (
    FilmSet,
    Split,
    Verdicts,
    split_archive,
)
from backend.detectors.loop.training.made_training import MadeFilmsTraining
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
    progress_words = (Doing.TRAIN, "view")

    def gather(
        self, workspace: Workspace, task: DetectorTask, inputs: TrainingInputs
    ) -> "MadeTraining":
        """Put the films right that reviewers have answered for; take those with nothing wrong."""
        made_labels(task)
        family = [each for each in inputs.tasks if each.shares_network] or [task]
        known = _known(workspace.database, family, {task.name: inputs.extra_labels})
        most = workspace.settings.train_films
        split = split_archive(
            workspace.database, workspace.seal_terms, family, known, most_films=most
        )
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


class MadeTraining(MadeFilmsTraining):
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
        super().__init__(workspace.database, workspace.detector_files, task, known, split)
        self._family, self._settings = family, workspace.settings
        self._archive_key = workspace.secrets.archive_key
        self.fingerprint = _fingerprint(workspace, family, split, known)

    def fit(self, progress: Progress | None) -> NewVersion:
        """Fit the network; the figures are those of every task of the family."""
        family, training, settings = self._family, self.training, self._settings
        plan = make_plan(settings, len(training))
        folds = _folds(training.patients, self._archive_key, settings.folds)
        views = plan.final.views_shown + len(set(folds.tolist())) * plan.fold.views_shown
        counter = step_counter(progress, views)
        fitted = fit_made(training, folds, family, plan, progress=counter)
        card = ModelCard(heads=fitted.heads(family), training=self._facts(plan, fitted))
        detector = TinyDetector("unsaved", fitted.network, card)
        figures = {
            task.name: self.figures(task, detector, self._trusted(task, fitted)) for task in family
        }
        # Suspects are among the films: they decided how sure the network may be.
        return tiny_version(fitted.network, replace(card, figures=figures), training.radiograph_ids)

    def _trusted(self, task: DetectorTask, fitted: FittedMade) -> FilmSet:
        suspects = fitted.suspects[task.name]
        return self.training.only(~np.isin(self.training.radiograph_ids, suspects))

    def _facts(self, plan: Plan, fitted: FittedMade) -> TrainingFacts:
        training, ids = self.training, self.training.radiograph_ids
        return TrainingFacts(
            fingerprint=self.fingerprint,
            films=len(training) - fitted.suspect_count,
            patients=len(set(training.patients)),
            confirmed_films=int(training.confirmed.sum()),
            suspects={name: list(left_out) for name, left_out in fitted.suspects.items()},
            doubts={
                task.name: made_doubts(ids, fitted.said[task.name], task, self.known[task.name])
                for task in self._family
            },
            out_of_fold={name: asdict(each) for name, each in fitted.out_of_fold.items()},
            more={"plan": asdict(plan)},
        )


def make_plan(settings: Settings, film_count: int) -> Plan:
    """Return how to train: `epochs` passes, more of them where there are few films."""
    views = settings.epochs * max(film_count, SMALL_ARCHIVE)
    fold_views = min(views, MOST_FOLD_VIEWS)
    device = choose_device(settings.device).type
    return Plan(final=Recipe(views=views), fold=Recipe(views=fold_views), device=device)


def _known(
    engine: Engine,
    family: Sequence[DetectorTask],
    extra: Mapping[str, Sequence[Label]],
) -> Verdicts:
    return {
        task.name: verdicts([*standing_labels(engine, task.name), *extra.get(task.name, ())], task)
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
    drawn = np.array([fold_of(patient, archive_key, folds) for patient in patients])
    if len(set(drawn.tolist())) > 1:
        return drawn
    # A handful of patients may all be drawn into one fold; then half of them make the other.
    known = sorted(set(patients))
    return np.array([2 * known.index(patient) // len(known) for patient in patients])
