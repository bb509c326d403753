"""Phantoms of which some lie on their side and stand for laterals, and what is learnt of them."""

import numpy as np

from backend.archive.adapters.catalogue import films
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.loop.train import train
from backend.labels.core.labels import Label, LabelSource
from backend.phantoms.core.chest import chest_phantom
from backend.review.loop.publish import publish

FILMS = 48
NOISE = 6
"""Films of pure noise: a kind that nobody ever labels."""


def draw(number):
    rng = np.random.default_rng([9, number])
    if number >= FILMS:
        return rng.integers(0, 256, (256, 256), dtype=np.uint8)
    film = (chest_phantom(rng, 256) * 255).astype(np.uint8)
    return np.rot90(film) if number % 4 == 0 else film


def name_of(film):
    return film.path.rsplit("/", 1)[-1].split("-")[0]


def answers(workspace, kinds=("frontal", "lateral")):
    return [
        Label(film.radiograph_id, "projection", name_of(film), LabelSource.REVIEWER, "2026-01-01")
        for film in films(workspace.database)
        if name_of(film) in kinds
    ]


def trained(workspace, task, **more):
    result = train(workspace, task, **more)
    publish(workspace, task, result.model_version, reason="first")
    version = published_version(workspace.database, task.name)
    frame = load_predictions(workspace.predictions, task.name, version).frame
    names = {film.radiograph_id: name_of(film) for film in films(workspace.database)}
    return result, frame.assign(truth=frame["radiograph_id"].map(names))
