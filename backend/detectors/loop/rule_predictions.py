"""What a rule suspects, as predictions of a version: rank, push and export read them like others.

The version is named by all that its scores depend on, and is never changed: a film that is added, a
cut-off that is set or an answer that moves one makes another version.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import DetectorTask
from backend.base.core.progress import Progress
from backend.detectors.adapters.versions.predictions import (
    RULE,
    PredictionFile,
    turn_to_predict,
)
from backend.detectors.adapters.versions.registry import (
    published_version,
    record_publication,
    register_version,
)
from backend.detectors.adapters.versions.rule_judgement import check_facts
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.cut_off_in_force import CutOffInForce, cut_offs_in_force
from backend.labels.core.labels import LabelSource
from backend.labels.core.suspicion import Suspicions
from backend.labels.loop.apply_rules import RuleReport, apply_rule

STORED_AS = RULE
"""What the names of such versions begin with."""
_HASH_DIGITS = 12
_KEEPS = 2
"""Raise it when versions keep other facts of their cut-offs: a known version is never changed."""


@dataclass(frozen=True, slots=True)
class RuleSweep:
    """What a rule labelled, and the version that says what it suspects."""

    labelled: RuleReport
    model_version: str | None
    """None of a rule that suspects nothing: all its checks are policies."""
    cut_offs: Sequence[CutOffInForce] = ()
    """By which it suspects films, in the order of its checks."""


def sweep_by_rule(
    workspace: Workspace, task: DetectorTask, *, progress: Progress | None = None
) -> RuleSweep:
    """Apply a rule to every film, and publish what it suspects as the predictions of a version.

    Args:
        workspace: the archive.
        task: the detector task.
        progress: told after every film that is measured now.

    Raises:
        TaskDefinitionError: the task has no rule.
        InputFileError: `radsieve.toml` sets a cut-off that the rule does not have.
    """
    labelled = apply_rule(workspace, task, progress=progress)
    found = labelled.judged.suspicions
    if not found.scales:
        return RuleSweep(labelled, None)
    version, cut_offs = rule_version(task, found), cut_offs_in_force(found)
    engine = workspace.database
    _keep_scores(workspace, task, version, found)
    answers = standing_labels(engine, task.name, source=LabelSource.REVIEWER)
    register_version(
        engine,
        task.name,
        version,
        reviewer_labels=len(answers),
        judgement={"checks": check_facts(cut_offs)},
    )
    if published_version(engine, task.name) != version:
        record_publication(
            engine,
            task.name,
            version,
            reason="a rule, fitted to the films of this archive and to the reviewers' answers",
            facts={"checks": check_facts(cut_offs)},
        )
    return RuleSweep(labelled, version, cut_offs)


def _keep_scores(workspace: Workspace, task: DetectorTask, version: str, found: Suspicions) -> None:
    file = PredictionFile(workspace.predictions, task.name, version, workspace.written)
    known = found.leading >= 0
    with turn_to_predict(workspace.predictions, [version]):
        file.known_ids()  # a damaged file is set aside
        if not file.exists():
            ids = [film for film, here in zip(found.radiograph_ids, known, strict=True) if here]
            file.write_part(ids, task.labels, rule_scores(task, found)[known])
            file.join()


def rule_version(task: DetectorTask, suspicions: Suspicions) -> str:
    """Return the name of the version: a hash of labels, cut-offs, films and their distances."""
    scales = [
        [scale.check.label, scale.bulk.typical, scale.bulk.spread, scale.cut_off]
        for scale in suspicions.scales
    ]
    facts = [_KEEPS, task.name, list(task.labels), scales, list(suspicions.radiograph_ids)]
    digest = hashlib.sha256(json.dumps(facts).encode())
    digest.update(np.ascontiguousarray(suspicions.distances, "<f8").tobytes())
    return f"{STORED_AS}-{digest.hexdigest()[:_HASH_DIGITS]}"


def rule_scores(task: DetectorTask, suspicions: Suspicions) -> NDArray[np.float32]:
    """Return shape (films, labels): the score of the film's suspicion, and the rest as expected.

    They have the form of probabilities and are none: see `labels.core.suspicion.score_of`.
    """
    scores = np.zeros((len(suspicions.radiograph_ids), len(task.labels)))
    places = np.array([task.labels.index(scale.check.label) for scale in suspicions.scales])
    films = np.arange(len(scores))
    scores[films, places[suspicions.leading]] = suspicions.p_bad
    scores[films, task.labels.index(task.expected_label)] = 1.0 - suspicions.p_bad
    return scores.astype(np.float32)
