"""Lines of `radsieve status` and `radsieve audit` with the facts of a review."""

from collections.abc import Iterator, Sequence

from backend.base.core.detector_task import DetectorTask
from backend.export.core.fact_sentences import (
    bad_sentence,
    correction_sentence,
    drawn_sentence,
    looked_words,
    suspected_sentence,
)
from backend.export.core.facts import Facts
from backend.labels.core.cut_off_in_force import CutOffInForce, cut_offs_sentence
from backend.labels.core.suspicion import CutOffSource


def fact_lines(facts: Facts, task: DetectorTask | None = None) -> list[str]:
    """Return a line for each kind of facts: looks, draws, bad films and suspects.

    Args:
        facts: the facts of the whole archive, or of one detector task.
        task: the detector task; None: the whole archive.
    """
    return [f"{topic:<11} {words}" for topic, words in _parts(facts, task)]


def task_fact_lines(facts: Facts, task: DetectorTask) -> list[str]:
    """Return the lines of one detector task, indented below its name; none without any count."""
    seen = facts.seen
    if not (seen.looks or seen.drawn or facts.bad.films or facts.suspected or seen.in_bulk):
        return []
    return [f"  {topic:<9} {words}" for topic, words in _parts(facts, task)]


def cut_off_lines(task: DetectorTask, cut_offs: Sequence[CutOffInForce]) -> list[str]:
    """Return lines on the cut-offs beyond which a rule suspects films; none without cut-offs."""
    if not cut_offs:
        return []
    return [
        f"  cut-offs  {cut_offs_sentence(cut_offs, task.label_words)} Films beyond them are "
        "suspected, and none is excluded until somebody has looked.",
        *(f"{'':12}{line}" for line in learnt_lines(task, cut_offs)),
    ]


def learnt_lines(task: DetectorTask, cut_offs: Sequence[CutOffInForce]) -> list[str]:
    """Return a line for each cut-off that reviewers' answers have moved."""
    return [
        f"{task.words(cut_off.label)}: {cut_off.where}. {cut_off.explanation}"
        for cut_off in cut_offs
        if cut_off.scale.source is CutOffSource.ANSWERS
    ]


def _parts(facts: Facts, task: DetectorTask | None) -> Iterator[tuple[str, str]]:
    """Yield (topic, sentence)."""
    seen, bad, suspected = facts.seen, facts.bad, facts.suspected
    yield "looked at", looked_words(seen, of_one_task=task is not None)
    if seen.drawn:
        yield "at random", drawn_sentence(seen)
    how_many = bad_sentence(bad, named=facts.named)
    # Whoever sums up counts only films whose exact problem is not known, and says so already.
    corrected = "" if facts.named else correction_sentence(bad)
    yield "bad", f"{how_many} {corrected}".strip()
    if suspected and suspected.films:
        yield "suspected", suspected_sentence(suspected)
