"""The baseline that a detector has to beat: logistic regression on 16 x 16 pixels."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from backend.base.core.detector_task import DetectorTask

SIDE_PX = 16
MOST_FILMS = 2000
"""The most films it is fitted to; more take longer and do not make it better."""


class PixelBaseline:
    """A baseline for one detector task, fitted to films made into each label."""

    def __init__(self, task: DetectorTask, thumbnails: NDArray[np.uint8]) -> None:
        """Fit to correct films, shape (films, side, side)."""
        self.task = task
        views = [
            _pixels(task.made_by[label].apply(thumbnails[:MOST_FILMS], white=255))
            for label in task.labels
        ]
        truth = np.repeat(np.arange(len(task.labels)), len(views[0]))
        self._model = _new_model()
        self._model.fit(np.concatenate(views), truth)

    def probabilities(self, thumbnails: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return the probability of each label, shape (films, labels)."""
        probabilities: NDArray[Any] = self._model.predict_proba(_pixels(thumbnails))
        return np.asarray(probabilities, dtype=np.float64)


def cross_fitted_pixels(
    thumbnails: NDArray[np.uint8],
    labels: NDArray[np.int64],
    folds: NDArray[np.int64],
    label_count: int,
) -> NDArray[np.float64]:
    """Predict labelled films out of fold from 16 x 16 pixels.

    Args:
        thumbnails: shape (films, side, side).
        labels: shape (films,), label positions.
        folds: shape (films,): the fold of each film.
        label_count: number of labels of the detector task.

    Returns:
        Probabilities, shape (films, labels).
    """
    probabilities = np.zeros((len(labels), label_count))
    for fold in np.unique(folds):
        inside = folds == fold
        probabilities[inside] = pixels_say(
            thumbnails[~inside], labels[~inside], thumbnails[inside], label_count
        )
    return probabilities


def pixels_say(
    shown: NDArray[np.uint8],
    labels: NDArray[np.int64],
    asked: NDArray[np.uint8],
    label_count: int,
) -> NDArray[np.float64]:
    """Predict films from 16 x 16 pixels, by a model fitted to other films.

    Args:
        shown: shape (films, side, side).
        labels: shape (films,), label positions; at least two labels occur.
        asked: thumbnails of other films, shape (films asked, side, side).
        label_count: number of labels of the detector task.

    Returns:
        Probabilities, shape (films asked, labels).
    """
    model = _new_model(class_weight="balanced").fit(_pixels(shown), labels)
    probabilities = np.zeros((len(asked), label_count))
    probabilities[:, model.classes_] = model.predict_proba(_pixels(asked))
    return probabilities


def _new_model(class_weight: str | None = None) -> Any:  # noqa: ANN401 - sklearn has no types
    regression = LogisticRegression(max_iter=5000, class_weight=class_weight)
    return make_pipeline(StandardScaler(), regression)


def _pixels(thumbnails: NDArray[np.uint8]) -> NDArray[np.float64]:
    size = (SIDE_PX, SIDE_PX)
    small = [cv2.resize(thumbnail, size, interpolation=cv2.INTER_AREA) for thumbnail in thumbnails]
    return np.array(small, dtype=np.float64).reshape(len(small), -1) / 255
