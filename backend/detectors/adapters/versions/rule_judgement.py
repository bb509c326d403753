"""What the version of a rule keeps of its cut-offs: written when it is registered, read from then.

A version of an earlier radsieve did not say where a cut-off began; it has none to tell.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Engine

from backend.base.core.detector_task import DetectorTask
from backend.base.core.rule import Check
from backend.detectors.adapters.versions.registry import published_versions, versions
from backend.labels.core.cut_off_in_force import CutOffInForce
from backend.labels.core.suspicion import Bulk, CutOffSource, Scale


def check_facts(cut_offs: Sequence[CutOffInForce]) -> dict[str, dict[str, Any]]:
    """Return by label what is known of each check, as plain values."""
    return {
        one.label: {
            "measure": one.scale.check.measure,
            "typical": one.scale.bulk.typical,
            "spread": one.scale.bulk.spread,
            "cut_off": round(one.scale.cut_off_value, 6),
            "distance": one.scale.cut_off,
            "began": one.scale.began,
            "set_by": one.scale.source.value,
            "answers": one.answers,
            "suspects": one.suspects,
        }
        for one in cut_offs
    }


def cut_offs_of(
    engine: Engine, tasks: Mapping[str, DetectorTask], in_use: Mapping[str, str | None]
) -> dict[str, tuple[CutOffInForce, ...]]:
    """Return by detector task the cut-offs of the version of its rule, where it has any.

    Args:
        engine: the database.
        tasks: detector tasks by name.
        in_use: by detector task, the version.
    """
    rules = [name for name, task in tasks.items() if task.rule and in_use.get(name)]
    if not rules:
        return {}
    found = {
        one.detector_task: _cut_offs(tasks[one.detector_task], one.judgement.get("checks", {}))
        for one in versions(engine, *rules)
        if one.model_version == in_use[one.detector_task]
    }
    return {name: cut_offs for name, cut_offs in found.items() if cut_offs}


def cut_offs_in_use(
    engine: Engine, tasks: Mapping[str, DetectorTask]
) -> dict[str, tuple[CutOffInForce, ...]]:
    """Return the same of the published versions."""
    return cut_offs_of(engine, tasks, published_versions(engine, tasks))


def _cut_offs(
    task: DetectorTask, checks: Mapping[str, Mapping[str, Any]]
) -> tuple[CutOffInForce, ...]:
    known = task.rule.checks if task.rule else ()
    return tuple(
        _cut_off(check, checks[check.label])
        for check in known
        if "began" in checks.get(check.label, {})
    )


def _cut_off(check: Check, facts: Mapping[str, Any]) -> CutOffInForce:
    bulk = Bulk(facts["typical"], facts["spread"])
    source = CutOffSource(facts["set_by"])
    scale = Scale(check, bulk, facts["distance"], source, facts["began"])
    return CutOffInForce(scale, facts["answers"], facts["suspects"])
