"""The films of an archive that a probe learns from, and the ways it learns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.adapters.detector import feature_store
from backend.adapters.head_detector import shared_backbone
from backend.adapters.head_trainer import Answered
from backend.adapters.label_store import standing_labels
from backend.adapters.thumbnail_store import ThumbnailStore
from backend.adapters.tiny_network import choose_device
from backend.adapters.workspace import Workspace
from backend.core.detector_task import AnswerKind, DetectorTask, LearntFrom
from backend.core.errors import TaskDefinitionError
from backend.core.film_choice import choose_films
from backend.core.labels import Label, Verdict, verdicts
from backend.loop.answered_films import AnsweredFilms, answered_films
from backend.loop.probe_learners import (
    AnsweredPixelLearner,
    HeadLearner,
    Learner,
    MadePixelLearner,
    NetworkLearner,
    PairLearner,
)
from backend.loop.training_set import FilmSet, read_film_set, split_archive

MOST_FILMS = 1000
"""Of made films; more take longer and hardly change the advice."""
NETWORK, PAIR, HEAD = "tiny network", "film against its changed self", "head on frozen features"
PIXELS = "16x16 pixels"
NETWORK_ROUNDS, HEAD_ROUNDS = 1, 3
"""Cross-validations: a network takes seconds a training, a head next to nothing."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a probe works on."""

    learners: Mapping[str, Learner]
    """Name -> learner: first the detector's own way, then the baseline."""
    rounds: int
    """Cross-validations to do."""
    facts: Mapping[str, Any]
    """Plain values: which films they are."""


def probe_material(
    workspace: Workspace, task: DetectorTask, extra_labels: Sequence[Label]
) -> Material:
    """Read the films and say how to learn from them.

    Raises:
        TaskDefinitionError: a rule decides the task, or its answer is a box.
        NotEnoughFilmsError: too few films or labels.
    """
    _check_choice(task)
    known = verdicts([*standing_labels(workspace.database, task.name), *extra_labels], task)
    if task.has_made_labels:
        films = _made_films(workspace, task, known)
        return made_material(films, task, workspace.settings.device)
    training, sealed = answered_films(workspace, task, known)
    some = training.joined(sealed)
    answered = Answered(
        feature_store(workspace).read(some.rows),
        some.labels,
        np.array(some.patients, dtype=np.str_),
        some.weights,
    )
    thumbnails = ThumbnailStore(workspace.thumbnails).read(some.rows)
    learners: dict[str, Learner] = {
        HEAD: HeadLearner(answered, task),
        PIXELS: AnsweredPixelLearner(thumbnails, answered, task),
    }
    return Material(learners, HEAD_ROUNDS, _answered_facts(some, task))


def made_material(films: FilmSet, task: DetectorTask, device: str) -> Material:
    """Say how to learn from films that are made into every label.

    Args:
        films: with nothing wrong.
        task: a detector task with made labels.
        device: `auto`, `cpu` or `cuda`.
    """
    pixels = MadePixelLearner(films, task)
    facts = {"films": len(films), "patients": len(set(films.patients))}
    if task.told_by_change:
        pair = PairLearner(films, task, shared_backbone(device))
        return Material({PAIR: pair, PIXELS: pixels}, HEAD_ROUNDS, facts)
    network = NetworkLearner(films, task, choose_device(device))
    return Material({NETWORK: network, PIXELS: pixels}, NETWORK_ROUNDS, facts)


def _check_choice(task: DetectorTask) -> None:
    if task.learnt_from is LearntFrom.RULE:
        raise TaskDefinitionError(
            f"{task.name} is decided by a rule: nothing is learnt, so there is nothing to probe; "
            f"apply it with `radsieve rules {task.name}`"
        )
    if task.answer is AnswerKind.BOX:
        raise TaskDefinitionError(
            "probe covers detector tasks whose answer is one of the labels, and the answer of "
            f"{task.name} is a box; `radsieve train {task.name}` says how well boxes overlap"
        )


def _made_films(workspace: Workspace, task: DetectorTask, known: Mapping[str, Verdict]) -> FilmSet:
    split = split_archive(workspace, [task], {task.name: known})
    bases = [*split.training, *split.sealed]
    names = [(base.film.radiograph_id, base.film.patient_key) for base in bases]
    key = workspace.secrets.archive_key
    places = choose_films(names, MOST_FILMS, purpose="probe", archive_key=key)
    store = ThumbnailStore(workspace.thumbnails)
    return read_film_set(store, [bases[place] for place in places])


def _answered_facts(some: AnsweredFilms, task: DetectorTask) -> dict[str, Any]:
    return {
        "films": len(some),
        "patients": len(set(some.patients)),
        "films_by_label": some.count_by_label(task),
        "assumed_films": int(some.assumed.sum()),
    }
