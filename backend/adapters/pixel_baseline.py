"""The baseline nobody may lose to: logistic regression on 16 x 16 pixels."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from backend.core.detector_task import DetectorTask

SIDE_PX = 16
MOST_FILMS = 2000
"""Beyond this it takes longer and gets no better."""


class PixelBaseline:
    """One detector task, learnt from each film made once into each label."""

    def __init__(self, task: DetectorTask, thumbnails: NDArray[np.uint8]) -> None:
        """Fit to films with nothing wrong, shape (films, side, side)."""
        self.task = task
        views = [
            _pixels(task.made_by[label].apply(thumbnails[:MOST_FILMS], white=255))
            for label in task.labels
        ]
        truth = np.repeat(np.arange(len(task.labels)), len(views[0]))
        self._model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=5000))
        self._model.fit(np.concatenate(views), truth)

    def probabilities(self, thumbnails: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Return shape (films, labels)."""
        found: NDArray[Any] = self._model.predict_proba(_pixels(thumbnails))
        return np.asarray(found, dtype=np.float64)


def _pixels(thumbnails: NDArray[np.uint8]) -> NDArray[np.float64]:
    size = (SIDE_PX, SIDE_PX)
    small = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in thumbnails]
    return np.array(small, dtype=np.float64).reshape(len(small), -1) / 255
