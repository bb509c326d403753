"""Reads what a combination writes, and says what is wrong with it."""

import re

import numpy as np
from archive.reference.refused import refusal_of
from archive.reference.scene import SCENES, scene_of

from backend.archive.adapters.pixels.film_reader import read_film
from backend.base.core.errors import UnreadableFilmError


def faults_among(combinations):
    """Yield what is wrong with each of these that is not read as it should be."""
    for number, combination in enumerate(combinations):
        fault = fault_of(combination, scene_of(number % SCENES))
        if fault:
            yield f"{combination.name}: {fault}"


def fault_of(combination, scene):
    """Return what is wrong with a combination; None where all is right."""
    content, refusal = combination.write(scene), refusal_of(combination)
    try:
        film = read_film(content, "film")
    except UnreadableFilmError as error:
        return None if refusal and re.search(refusal, str(error)) else f"refused: {error}"
    if refusal:
        return f"read, and the table says that it is refused: {refusal}"
    unsaid = [word for word in combination.says if not _is_said(word, film.normalisation)]
    if unsaid:
        return f"not said: {unsaid}, but {film.normalisation}"
    return difference(film.pixels, combination.shown(scene), combination.differs)


def difference(pixels, brightness, limits):
    """Return how far pixels are from brightness 0.0 to 1.0; None where that is near enough."""
    if pixels.shape != brightness.shape:
        return f"of shape {pixels.shape}, not {brightness.shape}"
    apart = np.abs(pixels - 255 * brightness)
    if apart.mean() <= limits[0] and apart.max() <= limits[1]:
        return None
    return f"{apart.mean():.1f} levels apart in the mean, {apart.max():.0f} at most"


def _is_said(word, steps):
    return any(word in step for step in steps)
