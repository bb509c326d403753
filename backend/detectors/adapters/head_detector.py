"""Detectors that are one linear head on the shared, frozen features."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as parse_arrays
from safetensors.numpy import save as array_bytes

from backend.detectors.adapters.backbone import shared_backbone
from backend.detectors.adapters.detector import FilmPixels
from backend.detectors.adapters.frozen_features import OneHeadDetector, OneHeadUse
from backend.detectors.core.linear_head import LinearHead
from backend.detectors.core.model_card import ModelCard, NewVersion
from backend.detectors.core.open_set import Familiar

HEAD = "head"
"""Kind of a version that is one linear head on frozen features."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadUse(OneHeadUse):
    """How a linear head is used."""

    catch_all: str | None


class HeadDetector(OneHeadDetector[LinearHead, HeadUse]):
    """One linear head on the features of films, which an archive keeps."""

    def probabilities(self, thumbnails: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return calibrated probabilities of thumbnails, shape (films, labels)."""
        return self.of_features(shared_backbone(self._use.device).features(thumbnails))

    def of_archive(self, pixels: FilmPixels, rows: Sequence[int]) -> dict[str, NDArray[np.float32]]:
        """Return the same for films of an archive, from their kept features."""
        return self.of_features(pixels.features(rows))

    def of_features(self, features: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Return calibrated probabilities for features of shape (films, width)."""
        use = self._use
        catch_all = None if use.catch_all is None else use.labels.index(use.catch_all)
        found = self._head.probabilities(features, temperature=use.temperature, catch_all=catch_all)
        return {use.task: found.astype(np.float32)}


def head_use(card: ModelCard, device: str) -> HeadUse:
    """Return the use of a version with one head, from its card."""
    ((task, head),) = card.heads.items()
    return HeadUse(
        task=task,
        labels=head.labels,
        temperature=head.temperature,
        catch_all=head.catch_all,
        device=device,
    )


def head_bytes(head: LinearHead) -> bytes:
    """Return a head as safetensors."""
    values = {name: value for name, value in asdict(head).items() if name != "familiar"}
    familiar = {f"familiar.{name}": value for name, value in asdict(head.familiar).items()}
    return bytes(array_bytes({k: np.ascontiguousarray(v) for k, v in (values | familiar).items()}))


def parse_head(weights: bytes) -> LinearHead:
    """Return the head that `head_bytes` wrote."""
    stored = parse_arrays(weights)
    familiar = Familiar(*(stored.pop(f"familiar.{one.name}") for one in fields(Familiar)))
    return LinearHead(familiar=familiar, **stored)


def head_version(head: LinearHead, card: ModelCard, learnt_from: Collection[str]) -> NewVersion:
    """Return a head, with card and films learnt from, as a version to save."""
    weights = head_bytes(head)
    return NewVersion(stored_as=HEAD, card=card, weights=weights, learnt_from=learnt_from)
