"""What `radsieve status` and `radsieve audit` say of the facts of a review."""

from collections.abc import Iterator, Sequence

from backend.base.core.detector_task import DetectorTask
from backend.export.core.fact_sentences import (
    bad_sentence,
    drawn_sentence,
    looked_words,
    put_right_sentence,
    suspected_sentence,
)
from backend.export.core.facts import Facts
from backend.labels.core.cut_off_in_force import CutOffInForce, cut_offs_sentence
from backend.labels.core.suspicion import CutOffSource


def fact_lines(facts: Facts, *, of_one_task: bool = False) -> list[str]:
    """Return a line for each kind of facts of an archive, or of one detector task."""
    return [f"{what:<11} {words}" for what, words in _parts(facts, of_one_task=of_one_task)]


def task_fact_lines(facts: Facts) -> list[str]:
    """Return the same lines, indented below the name of the detector task; none where all is 0."""
    seen = facts.seen
    if not (seen.looks or seen.drawn or facts.bad.films or facts.suspected or seen.in_bulk):
        return []
    return [f"  {what:<9} {words}" for what, words in _parts(facts, of_one_task=True)]


def cut_off_lines(task: DetectorTask, cut_offs: Sequence[CutOffInForce]) -> list[str]:
    """Return lines on where a rule begins to suspect films; none where it suspects none."""
    if not cut_offs:
        return []
    return [
        f"  cut-offs  {cut_offs_sentence(cut_offs, task.label_words)} Films beyond them are "
        "suspected, and none is excluded until somebody has looked.",
        *(f"{'':12}{line}" for line in learnt_lines(task, cut_offs)),
    ]


def learnt_lines(task: DetectorTask, cut_offs: Sequence[CutOffInForce]) -> list[str]:
    """Return where the cut-offs lie that answers have moved."""
    return [
        f"{task.words(one.label)}: {one.where}. {one.explanation}"
        for one in cut_offs
        if one.scale.source is CutOffSource.ANSWERS
    ]


def _parts(facts: Facts, *, of_one_task: bool) -> Iterator[tuple[str, str]]:
    seen, bad, suspected = facts.seen, facts.bad, facts.suspected
    yield "looked at", looked_words(seen, of_one_task=of_one_task)
    if seen.drawn:
        yield "at random", drawn_sentence(seen)
    yield "bad", " ".join([bad_sentence(bad), put_right_sentence(bad)]).strip()
    if suspected and suspected.films:
        yield "suspected", suspected_sentence(suspected)
