"""Reviewers' labels that out-of-fold networks doubt, where labels can be made."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.base.core.detector_task import DetectorTask
from backend.detectors.core.label_doubts import label_doubts_of
from backend.detectors.core.suspects import has_learnt
from backend.detectors.loop.training.judge import confirmed_verdicts
from backend.labels.core.labels import Verdict


def made_doubts(
    films: Sequence[str],
    said: NDArray[np.float64],
    task: DetectorTask,
    known: Mapping[str, Verdict],
) -> dict[str, list[Any]]:
    """Return by radiograph id the doubts about labels that reviewers gave, as cards keep them.

    A film is corrected as its label says before it is made into every label; so what was made into
    that label again is the film as it was taken. The other views say how sure the networks are of
    each label, also of labels that no reviewer has given yet.

    Args:
        films: radiograph ids.
        said: shape (films, labels, labels); [i, j, k] is the probability that film i, made into
            label j, has label k, by networks that have not seen a film of its patient.
        task: a detector task with made labels.
        known: by radiograph id, what the films were corrected by.
    """
    labels = len(task.labels)
    if not has_learnt(said):
        return {}
    views = [film for film in films for _ in task.labels]
    made_into = np.tile(np.arange(labels), len(films))
    given = {film: verdict.label for film, verdict in confirmed_verdicts(known).items()}
    doubts = label_doubts_of(views, made_into, said.reshape(-1, labels), task.labels)
    return {
        doubt.radiograph_id: doubt.as_json()
        for doubt in doubts
        if given.get(doubt.radiograph_id) == doubt.label
    }
