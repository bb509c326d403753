"""Reports that a reader has judged, and how well something that labels reports agrees.

The list was read by one person, no radiologist, from the reports alone: it says what a report says,
not what the film shows. `gold_dev.csv` is half of the reports that mention anything implanted, and
a random sample of those that mention nothing; the other half is a test set kept elsewhere.
"""

import csv
import random
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.base.core.figures import Figure, clopper_pearson
from backend.reports.adapters.report_reader import read_reports
from backend.reports.core.mining.finding import Report

DEVELOPED_SHARE, SPLIT_SEED = 0.6, 4
"""Of the judged reports, and with which the others were set aside while rules were written."""

KEYWORDS = (
    *("implant", "prosthe", "arthroplasty", "replacement", "hardware", "fixation", "screw"),
    *("plate", "nail", "rod", "pin", "wire", "suture", "staple", "clip", "stent", "coil"),
    *("filter", "pacemaker", "defibrillator", "lead", "valve", "sternotomy", "stimulator", "icd"),
)
"""25 words that a radiologist might list in ten minutes."""
# Endings, so that clips and prosthesis are found too.
KEYWORDS_AS_WORDS = re.compile(rf"\b(?:{'|'.join(KEYWORDS)})(?:s|es|sis|ses|tic)?\b", re.IGNORECASE)

CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "ortho": ("joint", "fixation"),
    "spinal_hardware": ("spine",),
    "sternal_wire": ("sternal_wire",),
    "clip": ("clip",),
    "clip (redacted noun)": ("clip",),
    "cardiac_device": ("cardiac_device",),
    "valve": ("valve",),
    "stent": ("stent",),
    "coil/embolic": ("coil",),
    "ivc_filter": ("filter",),
    "septal/other closure device": ("closure_device",),
    "stimulator": ("stimulator",),
    "suture/staple line": ("suture",),
}
"""Kind of device in the list -> categories of the lexicon."""
_ABSTAINED = frozenset({"implied", "uncertain"})


@dataclass(frozen=True)
class Gold:
    """What the reader says of one report."""

    status: str
    categories: frozenset[str]
    """Of the lexicon, for devices that are present."""
    is_random: bool
    """Drawn from the reports that mention nothing."""


@dataclass(frozen=True)
class Scores:
    """How often what is called present is, and the other way round."""

    found: int
    called: int
    there: int

    @property
    def precision(self) -> Figure:
        """Return the share of calls that are right."""
        return clopper_pearson(self.found, self.called)

    @property
    def recall(self) -> Figure:
        """Return the share of what is there that is called."""
        return clopper_pearson(self.found, self.there)

    @property
    def f1(self) -> float:
        """Return the harmonic mean of both."""
        return 2 * self.found / (self.called + self.there) if self.called + self.there else 0.0

    @property
    def f1_with_limits(self) -> Figure:
        """Return F1 with exact limits.

        J, the share found of all that is called or there, is one share; F1 is 2 J / (1 + J).
        """
        share = clopper_pearson(self.found, self.called + self.there - self.found)
        value = None if share.value is None else _f1_of(share.value)
        return Figure(value, _f1_of(share.low), _f1_of(share.high), share.interval)


def _f1_of(share: float) -> float:
    return 2 * share / (1 + share)


def read_gold(path: Path) -> dict[str, Gold]:
    """Return what the reader says, by report id."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["uid"]: _gold(row) for row in csv.DictReader(file)}


def _gold(row: Mapping[str, str]) -> Gold:
    named = row["categories"].split("|")
    kinds = frozenset(kind for name in named for kind in CATEGORIES.get(name, ()))
    return Gold(row["label"], kinds, "random non-hit" in named)


def set_aside(gold: Mapping[str, Gold]) -> frozenset[str]:
    """Return the ids of the judged reports that no rule was written from."""
    ids = sorted(gold, key=int)
    random.Random(SPLIT_SEED).shuffle(ids)
    return frozenset(ids[round(DEVELOPED_SHARE * len(ids)) :])


def reports_with_films(path: Path) -> list[Report]:
    """Return the reports of the collection that came with a film."""
    found = (one for one in read_reports(path) if isinstance(one, Report))
    return [one for one in found if one.fields.get("films")]


def strict(gold: Mapping[str, Gold], called: Collection[str], ids: Collection[str]) -> Scores:
    """Return scores for 'present'; what the reader calls implied or uncertain is left out."""
    asked = [name for name in ids if gold[name].status not in _ABSTAINED]
    return _scores({name for name in asked if gold[name].status == "present"}, called, asked)


def lenient(gold: Mapping[str, Gold], called: Collection[str], ids: Collection[str]) -> Scores:
    """Return scores for 'present or implied'; what the reader calls uncertain is left out."""
    asked = [name for name in ids if gold[name].status != "uncertain"]
    there = {name for name in asked if gold[name].status in ("present", "implied")}
    return _scores(there, called, asked)


def _scores(there: set[str], called: Collection[str], asked: Sequence[str]) -> Scores:
    said = set(called).intersection(asked)
    return Scores(found=len(said & there), called=len(said), there=len(there))


def keyword_finders() -> dict[str, Callable[[str], bool]]:
    """Return ways to search a report for the 25 words, by what they are called in tables."""
    plain = re.compile("|".join(KEYWORDS), re.IGNORECASE)
    whole = KEYWORDS_AS_WORDS
    return {
        "25 keywords as substrings, whole report": lambda text: bool(plain.search(text)),
        "25 keywords as words, whole report": lambda text: bool(whole.search(text)),
        "25 keywords as words, findings and impression": lambda text: bool(
            whole.search(what_is_seen(text))
        ),
    }


def what_is_seen(text: str) -> str:
    """Return findings and impression, each under its heading."""
    parts = re.split(r"^(?=[A-Z]+: )", text, flags=re.MULTILINE)
    return "\n".join(one for one in parts if one.startswith(("FINDINGS", "IMPRESSION")))
