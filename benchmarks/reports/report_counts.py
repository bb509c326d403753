"""The counts behind the confidence of a lexicon, written beside it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from backend.base.core.figures import clopper_pearson
from backend.reports.core.mining.finding import MetalLabel, ReportFinding, Status
from backend.reports.core.mining.mine import label_of
from benchmarks.reports.report_gold import Gold

FILE = (
    Path(__file__).parents[2] / "backend" / "reports" / "core" / "lexicons" / "en_confidence.toml"
)
ENOUGH = 20
"""A status with fewer judged reports shares the figure of all that are called absent."""
_MOSTLY_RIGHT = 0.9
_LIKE = {"planned": "history_only", "open": "history_only"}
_HEAD = """\
# Not by hand: made by
# `python -m benchmarks.reports.report_mining REPORTS.tgz gold_dev.csv --write-confidence`.
# How often one reader of {reports} OpenI reports (chest films only) agreed. The rules were written
# with most of these reports in view, so the shares are a little too good; joints, nails and plates
# hardly occur in them and take `unseen`.

# Lower 95 % limit (Clopper-Pearson) of the share of rules right in at least nine of ten reports:
# {right} of {seen} rules seen.
unseen = {unseen:.4f}
"""

Counts = dict[tuple[str, str], tuple[int, int]]
"""Status, rule -> reports in which the reader agreed, reports."""


def confidence_text(gold: Mapping[str, Gold], found: Mapping[str, ReportFinding]) -> str:
    """Return the file that holds the counts."""
    counts = _counts(gold, found)
    shares = [right / seen for (status, _), (right, seen) in counts.items() if status == "present"]
    right = sum(share >= _MOSTLY_RIGHT for share in shares)
    unseen = clopper_pearson(right, len(shares)).low
    head = _HEAD.format(reports=len(gold), right=right, seen=len(shares), unseen=unseen)
    return "\n".join([head, *_absent_lines(gold, found), "", *_rule_lines(counts)]) + "\n"


def _counts(gold: Mapping[str, Gold], found: Mapping[str, ReportFinding]) -> Counts:
    seen: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    for name, judged in gold.items():
        for status, rule, category in _claims(found[name]):
            seen[status, rule] += 1
            right[status, rule] += _agrees(judged, status, category)
    return {key: (right[key], seen[key]) for key in sorted(seen)}


def _claims(finding: ReportFinding) -> set[tuple[str, str, str]]:
    """Return what a report is said to hold: what is present, or else what decided it."""
    if finding.status is Status.PRESENT:
        hits = [hit for hit in finding.hits if hit.status is Status.PRESENT]
    else:
        hits = [finding.decided_by] if finding.decided_by else []
    return {(hit.status.value, hit.rule, hit.category) for hit in hits}


def _agrees(judged: Gold, status: str, category: str) -> bool:
    if status == "present":
        return judged.status == "present" and category in judged.categories
    return judged.status == _LIKE.get(status, status)


def _absent_lines(gold: Mapping[str, Gold], found: Mapping[str, ReportFinding]) -> Iterable[str]:
    yield "# Share of reports with no metal, not even implied or uncertain: lower 95 % limit."
    yield "[absent]"
    absent = [name for name in gold if found[name].label is MetalLabel.ABSENT]
    silent = [name for name in absent if gold[name].is_random and not found[name].hits]
    groups = {status: [n for n in absent if found[n].status is status] for status in Status}
    groups[Status.NOT_MENTIONED] = silent
    for status, names in groups.items():
        if label_of(status) is MetalLabel.ABSENT:
            yield _absent_line(status.value, names if len(names) >= ENOUGH else absent, gold)


def _absent_line(status: str, names: list[str], gold: Mapping[str, Gold]) -> str:
    without = [n for n in names if gold[n].status not in ("present", "implied", "uncertain")]
    share = clopper_pearson(len(without), len(names)).low
    return f"{status} = {share:.4f} # {len(without)} of {len(names)}"


def _rule_lines(counts: Counts) -> Iterable[str]:
    yield "# Status, rule: reports in which the reader agreed, reports."
    for status in Status:
        rows = [(rule, pair) for (said, rule), pair in counts.items() if said == status]
        if rows:
            yield f"[rules.{status}]"
            yield from (f'"{rule}" = [{right}, {seen}]' for rule, (right, seen) in rows)
