"""An export as a row of the ledger: plain values, written and read here only."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from backend.base.core.detector_task import Thresholds
from backend.export.core.record import (
    ArchiveFacts,
    CopiesMade,
    ExportRecord,
    MomentFacts,
    OutputFacts,
    PredictionFacts,
    TaskFacts,
)


def record_values(record: ExportRecord) -> dict[str, Any]:
    """Return the facts of the ledger's row as plain values."""
    values = asdict(record)
    moment, predicted = values.pop("moment"), values.pop("predicted")
    arguments = {"predicted": predicted, "apply": record.made.apply}
    return {**moment, "arguments": arguments, **values}


def record_of(values: Mapping[str, Any]) -> ExportRecord:
    """Return the export that the facts of a row of the ledger tell of."""
    arguments = values["arguments"]
    moment = MomentFacts(
        as_of=values["as_of"],
        read_at=values["read_at"],
        radsieve=values["radsieve"],
        settings=values["settings"],
        archive=ArchiveFacts(**values["archive"]),
        tasks={name: _task_facts(facts) for name, facts in values["tasks"].items()},
    )
    return ExportRecord(
        moment,
        arguments["predicted"],
        values["refuted"],
        values.get("settled_bad", {}),
        values["listed"],
        {name: OutputFacts(**facts) for name, facts in values["outputs"].items()},
        CopiesMade(**values["made"]),
        values.get("changed", {}),
    )


def _task_facts(values: Mapping[str, Any]) -> TaskFacts:
    predictions = values["predictions"]
    return TaskFacts(
        definition_sha256=values["definition_sha256"],
        thresholds=Thresholds(**values["thresholds"]),
        in_use=values["in_use"],
        predictions=PredictionFacts(**predictions) if predictions else None,
        turned_down=[(rule, label) for rule, label in values["turned_down"]],
    )
