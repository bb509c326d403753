"""What comes of a training: a judged model version."""

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
    """What came of a training."""

    model_version: str
    judgement: Judgement
    metrics: Mapping[str, Any]
    """Plain values: how it was trained, and the task's figures on the sealed films."""
    reused: bool
    """These very films and labels had been trained on before, so nothing was trained now."""
    learnt_with: Sequence[str] = ()
    """Detector tasks of the same network, where that earlier training was one of theirs and this
    task's part of it is judged for the first time."""
