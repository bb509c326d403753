"""Detectors whose answer is a box."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load as parse_weights
from safetensors.torch import save as weights_bytes

from backend.adapters.box_network import POOLED, BoxHeads, SpatialBackbone, spatial_backbone
from backend.adapters.detector import FilmPixels
from backend.base.core.chunks import in_chunks
from backend.core.box_answer import joined_answers
from backend.core.box_looks import unmirrored
from backend.core.box_sureness import Sureness, spread_of
from backend.core.open_set import Familiar
from backend.labels.core.box import Boxes

BOX = "box"
"""Kind of a version that is a set of box heads."""
_FILMS_AT_ONCE = 64
_SURENESS, _FAMILIAR = "sureness.", "familiar."


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntBoxes:
    """Everything that a box version's weights hold."""

    heads: BoxHeads
    mirrored: NDArray[np.int64]
    """Shape (labels,): of `core.box_looks.mirrored_places`."""
    sureness: Sureness
    familiar: Familiar
    """The films that were learnt from."""

    def answers(self, backbone: SpatialBackbone, thumbnails: NDArray[np.uint8]) -> Boxes:
        """Return answers, shape (films, labels, 5), for thumbnails of shape (films, 256, 256)."""
        opinions, pooled = opinions_of(self.heads, backbone, thumbnails, self.mirrored)
        same_kind = self.familiar.familiarity(pooled, np.zeros(len(pooled), dtype=np.int64))
        sure = self.sureness.probabilities(spread_of(opinions)) * same_kind[:, None]
        return joined_answers(sure, on_film(opinions.mean(axis=1)))


class BoxDetector:
    """Box heads ready to predict.

    `heads` maps the detector task to its labels, in the order of the boxes.
    """

    def __init__(
        self,
        model_version: str,
        learnt: LearntBoxes,
        heads: Mapping[str, tuple[str, ...]],
        device: str,
    ) -> None:
        """Take what was learnt; the backbone is loaded when the first film comes."""
        self.model_version, self.heads = model_version, heads
        self._learnt, self._device = learnt, device

    def probabilities(self, thumbnails: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Return answers of shape (films, labels, 5), see `core.box_answer`."""
        (task,) = self.heads
        backbone = spatial_backbone(self._device)
        empty = np.zeros((0, len(self.heads[task]), 5), dtype=np.float32)
        parts = [
            self._learnt.answers(backbone, thumbnails[list(some)])
            for some in in_chunks(range(len(thumbnails)), _FILMS_AT_ONCE)
        ]
        return {task: np.concatenate([empty, *parts])}

    def of_archive(self, pixels: FilmPixels, rows: Sequence[int]) -> dict[str, NDArray[np.float32]]:
        """Return what it says of films of the archive."""
        return self.probabilities(pixels.thumbnails(rows))


def opinions_of(
    heads: BoxHeads,
    backbone: SpatialBackbone,
    thumbnails: NDArray[np.uint8],
    mirrored: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return what every head says of films and of their mirror images, and the films' features.

    Args:
        heads: ready to predict.
        backbone: makes the maps.
        thumbnails: shape (films, 256, 256).
        mirrored: for each label the one it becomes when the film is mirrored.

    Returns:
        Boxes, shape (films, opinions, labels, 4), and features, shape (films, POOLED).
    """
    maps = backbone.thumbnail_maps(thumbnails)
    flipped = backbone.thumbnail_maps(np.ascontiguousarray(thumbnails[:, :, ::-1]))
    said = np.concatenate([heads.boxes(maps), unmirrored(heads.boxes(flipped), mirrored)], axis=1)
    pooled = maps[:, -POOLED:].float().mean(dim=(2, 3)).cpu().numpy()
    return said, np.asarray(pooled, dtype=np.float32)


def on_film(boxes: Boxes) -> NDArray[np.float64]:
    """Return the parts of boxes that lie on the film."""
    start = np.clip(boxes[..., :2], 0, 1 - 1e-3)
    end = np.clip(boxes[..., :2] + boxes[..., 2:], start + 1e-3, 1)
    return np.concatenate([start, end - start], axis=-1)


def box_bytes(learnt: LearntBoxes) -> bytes:
    """Return what was learnt as safetensors."""
    tensors = {name: value.cpu().contiguous() for name, value in learnt.heads.state_dict().items()}
    sureness = {
        _SURENESS + name: np.float64(value) for name, value in asdict(learnt.sureness).items()
    }
    familiar = {_FAMILIAR + name: value for name, value in asdict(learnt.familiar).items()}
    arrays = sureness | familiar | {"mirrored": learnt.mirrored}
    for name, value in arrays.items():
        tensors[name] = torch.from_numpy(np.ascontiguousarray(np.atleast_1d(value)))
    return bytes(weights_bytes(tensors))


def parse_boxes(weights: bytes, labels: int) -> LearntBoxes:
    """Return what `box_bytes` wrote, for a task of so many labels."""
    stored = parse_weights(weights)
    sureness = Sureness(*(float(stored.pop(_SURENESS + one.name)) for one in fields(Sureness)))
    familiar = Familiar(*(stored.pop(_FAMILIAR + one.name).numpy() for one in fields(Familiar)))
    mirrored = stored.pop("mirrored").numpy()
    heads = BoxHeads(labels)
    heads.load_state_dict(stored)
    return LearntBoxes(heads=heads.eval(), mirrored=mirrored, sureness=sureness, familiar=familiar)
