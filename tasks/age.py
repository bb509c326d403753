"""Is the patient a child? A rule on the metadata decides; there is no network."""

from backend.base.core.detector_task import DetectorTask, Thresholds
from backend.base.core.rule import Check, Force, rule_of_checks
from backend.base.core.task_kinds import DecidedByRule

TASK = DetectorTask(
    name="age",
    question="Is the patient old enough for this archive?",
    labels=("old_enough", "child"),
    expected_label="old_enough",
    title="age",
    label_words={
        "old_enough": "old enough",
        "child": "a child",
    },
    kind=DecidedByRule(
        rule=rule_of_checks(
            [
                Check(
                    label="child",
                    measure="age_years",
                    cut_off="youngest_years",
                    default=10.0,
                    flags_above=False,
                    meaning="age in years; 0 turns the check off, and an unknown age passes",
                    force=Force.POLICY,
                )
            ],
            expected_label="old_enough",
        )
    ),
    seen_on_thumbnail=False,
    thresholds=Thresholds(review_below=0.70, accept_at=0.98),
)
