"""The result of a training: a judged model version."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a version may be published, why, and against what it was judged."""

    publish: bool
    reason: str
    champion: str | None
    sealed_views: int
    sealed_errors: int
    champion_sealed_errors: int | None
    confirmed_bad: int
    confirmed_found: int
    contradicted: Sequence[str]
    """Films for which it contradicts a confirmed answer."""

    @property
    def sentence(self) -> str:
        """Whether the version was published, and why."""
        return f"{'published' if self.publish else 'not published'}: {self.reason}"

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as the registry keeps them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """The version that a training made or reused, with its judgement."""

    model_version: str
    judgement: Judgement
    metrics: Mapping[str, Any]
    """Plain values: the training's facts, and the task's figures on the sealed films."""
    reused: bool
    """Whether an earlier training had the same films and labels, so that none was done now."""
    learnt_with: Sequence[str] = ()
    """Detector tasks that share the network, where the earlier training was for one of them and
    this task's head is judged for the first time."""
