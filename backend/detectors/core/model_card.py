"""The model card: everything stored with a model version besides its weights."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class HeadCard:
    """One detector task of a model version."""

    labels: tuple[str, ...]
    expected_label: str
    temperature: float
    """Logits are divided by it before the softmax."""
    threshold: float = 0.5
    """At least this probability of any label but the expected one flags a film."""
    catch_all: str | None = None
    """The label that films unlike all labelled ones get."""
    change: Mapping[str, Any] | None = None
    """The `PixelChange` of a detector that compares a film with its changed self."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingFacts:
    """What a version was trained on and how; the card leaves out entries that are None."""

    fingerprint: str | None = None
    """Hash of everything that decides the training's result: films, labels, settings, code."""
    films: int | None = None
    patients: int | None = None
    confirmed_films: int | None = None
    """Number of films with a reviewer's answer."""
    suspects: Mapping[str, Sequence[str]] | None = None
    """By detector task, ids of films left out because they look bad before any change is made."""
    out_of_fold: Mapping[str, Mapping[str, Any]] | None = None
    """By detector task, the figures of networks on films of patients that they did not learn from.
    """
    conflicts: Mapping[str, float] | None = None
    """Training films whose report the version doubts -> how probable the report's label is."""
    doubts: Mapping[str, Mapping[str, Sequence[Any]]] | None = None
    """By detector task and radiograph id, the reviewers' labels that the version doubts
    (`detectors.core.label_doubts.Doubt.as_json`)."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further entries of one kind of detector, such as its plan or its films by label."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as the card on disk has them."""
        known = {name: getattr(self, name) for name in _KNOWN}
        return {name: value for name, value in known.items() if value is not None} | dict(self.more)

    def of_task(self, task: str) -> dict[str, Any]:
        """Return plain values; entries by detector task are those of this task alone."""
        by_task = {"suspects", "out_of_fold", "doubts"}
        facts = self.as_json()
        return facts | {name: facts[name][task] for name in by_task & facts.keys()}


_KNOWN = tuple(each.name for each in fields(TrainingFacts) if each.name != "more")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """Everything about a model version that is not its weights; plain JSON on disk."""

    heads: Mapping[str, HeadCard]
    """By detector task."""
    training: TrainingFacts
    figures: Mapping[str, Any] = field(default_factory=dict)
    """By detector task, the version's figures on the sealed films when it was trained."""
    trunk: str = "test_resnet"
    """Name of the network below the heads."""
    input_px: int = 64
    """Side of the square picture that the network sees."""
    initial_weights: str = "random: trained from scratch"
    weights_sha256: str = ""
    """Set when the version is saved."""
    learnt_from_sha256: str = ""
    """Digest of the list of films learnt from, set when the version is saved; empty without a list.
    """

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as `card.json` has them."""
        shallow = {each.name: getattr(self, each.name) for each in fields(self)}
        heads = {name: asdict(head) for name, head in self.heads.items()}
        return shallow | {"heads": heads, "training": self.training.as_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ModelCard":
        """Return the card that `as_json` wrote, in this version of radsieve or an earlier one."""
        heads = {
            name: HeadCard(**head | {"labels": tuple(head["labels"])})
            for name, head in stored["heads"].items()
        }
        training = stored["training"]
        facts = TrainingFacts(
            **{name: training[name] for name in _KNOWN if name in training},
            more={name: value for name, value in training.items() if name not in _KNOWN},
        )
        return cls(**dict(stored) | {"heads": heads, "training": facts})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A version that was fitted and is not on disk yet."""

    stored_as: str
    """Lower-case letters that begin the version's name; they name the kind that reads the weights.
    """
    card: ModelCard
    weights: bytes
    """Content of a safetensors file."""
    learnt_from: Collection[str] | None
    """Radiograph ids of all films that the version learnt from; None where they are not known."""


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """A version as it was read from disk, before its weights become a detector."""

    model_version: str
    card: ModelCard
    weights: bytes
