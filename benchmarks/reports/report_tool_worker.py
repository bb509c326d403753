"""Says in which reports medspaCy or negspacy leave a keyword standing.

    PYTHON -I benchmarks/reports/report_tool_worker.py TOOL PATTERN < reports.jsonl

`benchmarks.reports.report_tools` runs it in an environment of the tool's own, so it uses the
standard library and that tool only. It reads one JSON list a line, id and text, and writes one
JSON object.
Both tools run as they come, on a blank English pipeline: no model, no network.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any, Protocol

CANNOT_IMPORT = 3
"""Exit code where the environment has no such tool."""


class Document(Protocol):
    """What is used of a spaCy document."""

    text: str
    ents: Sequence[Any]

    def char_span(self, start: int, end: int, *, label: str, alignment_mode: str) -> object:
        """Return the words that cover these characters."""


class Pipeline(Protocol):
    """What is used of a spaCy pipeline."""

    def __call__(self, text: str) -> Document:
        """Read a text."""

    def add_pipe(self, name: str, *, before: str) -> object:
        """Add a step."""


Stays = Callable[[Any], bool]
"""What the tool says of a keyword -> whether it still counts as there."""


def main(arguments: Sequence[str]) -> int:
    """Judge the reports on standard input."""
    tool, pattern = arguments
    try:
        pipeline, ways = TOOLS[tool](re.compile(pattern, re.IGNORECASE))
    except ImportError as problem:
        print(problem, file=sys.stderr)
        return CANNOT_IMPORT
    reports = [json.loads(line) for line in sys.stdin]
    start = time.process_time()
    called = _called(reports, pipeline, ways)
    seconds = time.process_time() - start
    versions = f"{version(tool)}, spaCy {version('spacy')}"
    print(json.dumps({"called": called, "cpu_seconds": seconds, "versions": versions}))
    return 0


def _called(
    reports: Sequence[Sequence[str]], pipeline: Pipeline, ways: Mapping[str, Stays]
) -> dict[str, list[str]]:
    called: dict[str, list[str]] = {way: [] for way in ways}
    for report_id, text in reports:
        keywords = pipeline(text).ents
        for way, stays in ways.items():
            if any(stays(one._) for one in keywords):
                called[way].append(report_id)
    return called


def _medspacy(pattern: re.Pattern[str]) -> tuple[Pipeline, Mapping[str, Stays]]:
    medspacy = import_module("medspacy")
    # A line per token otherwise.
    import_module("loguru").logger.remove()
    pipeline = medspacy.load()
    _mark_keywords(pipeline, pattern, before="medspacy_context")
    return pipeline, {
        "negated dropped": lambda said: not said.is_negated,
        "negated, historical, hypothetical and family dropped": lambda said: (
            not (said.is_negated or said.is_historical or said.is_hypothetical or said.is_family)
        ),
    }


def _negspacy(pattern: re.Pattern[str]) -> tuple[Pipeline, Mapping[str, Stays]]:
    import_module("negspacy.negation")
    pipeline = import_module("spacy").blank("en")
    pipeline.add_pipe("sentencizer")
    pipeline.add_pipe("negex", config={"ent_types": ["DEVICE"]})
    _mark_keywords(pipeline, pattern, before="negex")
    return pipeline, {"negated dropped": lambda said: not said.negex}


def _mark_keywords(pipeline: Pipeline, pattern: re.Pattern[str], *, before: str) -> None:
    """Make every keyword an entity, so that the tool judges what the plain keywords find."""
    spacy = import_module("spacy")

    def mark(document: Document) -> Document:
        places = (found.span() for found in pattern.finditer(document.text))
        spans = [
            document.char_span(*place, label="DEVICE", alignment_mode="expand") for place in places
        ]
        document.ents = spacy.util.filter_spans(spans)
        return document

    spacy.Language.component("keywords", func=mark)
    pipeline.add_pipe("keywords", before=before)


TOOLS = {"medspacy": _medspacy, "negspacy": _negspacy}

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
