"""How precise each report rule is, measured on films that reviewers answered for."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass
from typing import Any

from backend.base.core.detector_task import DetectorTask
from backend.base.core.figures import Figure, clopper_pearson
from backend.labels.core.labels import Label, LabelSource, Verdict

SILENT = "silence"
"""Name of the rule of a report that mentions nothing of the lexicon."""
LEAST_PRECISION = 0.9
"""Labels of a rule are not used while its upper 95 % limit of precision is below this."""


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """How often reviewers agreed with the labels of one report rule."""

    rule: str
    label: str
    """The label that the rule gives; one rule may give different labels to different reports."""
    films: int
    """Films that the rule labels."""
    drawn: int
    """Films among them that were drawn at random and reviewed."""
    right: int
    """Drawn films to which the reviewer gave the label of the rule."""
    other_looks: int
    """Reviewed films that were picked for a reason, such as a conflict; a biased sample."""
    other_right: int

    @property
    def precision(self) -> Figure:
        """Precision on the films drawn at random, with its exact interval."""
        return clopper_pearson(self.right, self.drawn)

    @property
    def is_turned_down(self) -> bool:
        """Whether the rule is shown to be imprecise, so that its labels are not used."""
        return self.precision.high < LEAST_PRECISION

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        precision = asdict(self.precision)
        return asdict(self) | {"precision": precision, "turned_down": self.is_turned_down}


def rule_records(
    labels: Iterable[Label],
    reviewed: Mapping[str, Verdict],
    drawn: AbstractSet[str],
) -> list[RuleRecord]:
    """Return one record per rule and label, the most used first.

    Only films that were drawn at random say how precise a rule is: conflicts are looked at first,
    so films picked for a reason are wrong more often than the rule is.

    Args:
        labels: of one detector task; those of reports count.
        reviewed: reviewers' verdicts by radiograph id.
        drawn: radiograph ids of films that a batch held by chance alone.
    """
    by_rule: dict[tuple[str, str], list[str]] = {}
    for label in labels:
        if label.source is LabelSource.REPORT:
            by_rule.setdefault((label.rule, label.label), []).append(label.radiograph_id)
    records = [_record(*key, films, reviewed, drawn) for key, films in by_rule.items()]
    return sorted(records, key=lambda record: (-record.films, record.rule, record.label))


def _record(
    rule: str,
    label: str,
    films: Sequence[str],
    reviewed: Mapping[str, Verdict],
    drawn: AbstractSet[str],
) -> RuleRecord:
    agreed = {film: reviewed[film].label == label for film in films if film in reviewed}
    fair = [right for film, right in agreed.items() if film in drawn]
    return RuleRecord(
        rule=rule,
        label=label,
        films=len(films),
        drawn=len(fair),
        right=sum(fair),
        other_looks=len(agreed) - len(fair),
        other_right=sum(agreed.values()) - sum(fair),
    )


def in_force(labels: Sequence[Label], records: Iterable[RuleRecord]) -> list[Label]:
    """Return the labels without those of rules that were turned down."""
    down = {(record.rule, record.label) for record in records if record.is_turned_down}
    return [
        label
        for label in labels
        if label.source is not LabelSource.REPORT or (label.rule, label.label) not in down
    ]


def film_label(task: DetectorTask, said: str) -> str | None:
    """Return the label of a film whose report says this; None where the report abstains.

    Args:
        task: the detector task; for `present` and `absent` it has two labels.
        said: `present`, `absent`, `abstain`, empty, or a label of the task.
    """
    if said in task.labels:
        return said
    if said == "absent":
        return task.expected_label
    if said == "present" and len(task.labels) == 2:
        (bad,) = (label for label in task.labels if label != task.expected_label)
        return bad
    return None
