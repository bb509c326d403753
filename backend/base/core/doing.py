"""What radsieve is doing right now, in words for a radiologist.

`radsieve up`, the start page and every progress line show these words.
"""

from enum import StrEnum


class Doing(StrEnum):
    """Something that takes a while; the words follow `now:`."""

    STARTING = "starting"
    PHANTOMS = "drawing phantom films"
    INDEX = "reading the films"
    RULES = "checking metadata and picture quality"
    MEASURE = "measuring the films"
    TRAIN = "training the detector for {subject}"
    FEATURES = "preparing films to train the detector for {subject}"
    SWEEP = "judging all films with the detectors"
    PUSH = "choosing the next films to review for {subject}"
    PROBE = "testing whether a detector can learn {subject}"
    REPORTS = "reading the reports"
    PUT_OUT = "putting films into folders"
    STUDIO_STARTS = "waiting for Label Studio to start"
    STUDIO_OPENS = "preparing the review in Label Studio"

    @property
    def names_task(self) -> bool:
        """Whether the words name a detector task."""
        return "{subject}" in self.value

    def about(self, subject: str) -> str:
        """Return the words for one detector task.

        Args:
            subject: the task's name for people.

        >>> Doing.TRAIN.about("orientation")
        'training the detector for orientation'
        """
        return self.value.format(subject=subject)
