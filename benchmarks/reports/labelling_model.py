"""Whether rules weighted by how they agree label reports better than the plain rules do.

    python -m benchmarks.reports.labelling_model REPORTS.tgz gold_dev.csv

Data programming: every rule votes present, absent or nothing on every report, and what each vote is
worth is learned from all reports without a label, by which votes occur together (expectation
maximisation from the majority vote, so nothing is drawn at random). The judged reports serve to
compare only. The share of reports with metal is taken from the majority vote, and no rule is taken
to be worse than chance: most reports with a vote have but one, so agreement does not tell these.
Prints Markdown; no text of a report.
"""

import argparse
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit, logit

from backend.reports.adapters.lexicon_file import load_lexicon
from backend.reports.core.mining.finding import Hit, MetalLabel, ReportFinding
from backend.reports.core.mining.mine import label_of, mine
from benchmarks.detectors.card import Table, shown
from benchmarks.reports.report_gold import Gold, read_gold, reports_with_films, set_aside, strict
from benchmarks.reports.report_tools import as_markdown

ABSENT, SILENT, PRESENT = -1, 0, 1
_VOTE = {
    MetalLabel.ABSENT: ABSENT,
    MetalLabel.ABSTAIN: SILENT,
    MetalLabel.PRESENT: PRESENT,
}
_ABSTAINED = frozenset({"implied", "uncertain"})
ROUNDS = 500
SETTLED = 1e-9
"""Largest change of a probability at which learning stops."""
PRIOR_COUNT = 1.0
"""Reports added to what is known of a rule, so that one seen once is not certain."""

Votes = NDArray[np.int8]
"""Shape (reports, rules): ABSENT, SILENT or PRESENT."""
Chances = NDArray[np.float64]
"""Shape (reports,): that metal is present."""
Voter = Callable[[Hit], str]
"""What counts as one rule."""

VOTERS: Mapping[str, Voter] = {
    "rules": lambda hit: hit.rule,
    "kinds with status": lambda hit: f"{hit.category}, {hit.status}",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Compare, and say what follows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reports", type=Path, help="OpenI reports, as tgz or folder")
    parser.add_argument("gold", type=Path, help="CSV with uid, label, categories")
    options = parser.parse_args(argv)
    gold, lexicon = read_gold(options.gold), load_lexicon()
    reports = reports_with_films(options.reports)
    found = {one.report_id: mine(one.text, lexicon) for one in reports}
    plain = frozenset(name for name, one in found.items() if one.label is MetalLabel.PRESENT)
    models = model_calls(found)
    for title, ids in (
        ("All judged reports", frozenset(gold)),
        ("Judged reports set aside while rules were written", set_aside(gold)),
    ):
        print(as_markdown(table(f"{title} ({len(ids)})", Judged(gold, ids), plain, models)))
    print(f"\n{verdict(Judged(gold, frozenset(gold)), plain, models)}")
    return 0


def model_calls(found: Mapping[str, ReportFinding]) -> dict[str, frozenset[str]]:
    """Return the ids that each model calls present, by its name."""
    calls = {}
    for voters, voter in VOTERS.items():
        votes = votes_of(list(found.values()), voter)
        for name, learn in MODELS.items():
            is_present = learn(votes) > 0.5
            ids = (one for one, said in zip(found, is_present, strict=True) if said)
            calls[f"{name}, {voters}"] = frozenset(ids)
    return calls


def votes_of(found: Sequence[ReportFinding], voter: Voter) -> Votes:
    """Return how every rule votes on every report: present if any of its hits says so."""
    names = sorted({voter(hit) for one in found for hit in one.hits})
    column = {name: place for place, name in enumerate(names)}
    votes = np.zeros((len(found), len(names)), np.int8)
    for row, one in enumerate(found):
        for hit in one.hits:
            vote = _VOTE[label_of(hit.status)]
            place = row, column[voter(hit)]
            if vote != SILENT and votes[place] != PRESENT:
                votes[place] = vote
    return votes[:, (votes != SILENT).any(axis=0)]


def majority(votes: Votes) -> Chances:
    """Return 1 where more rules say present than absent, 0 where not, a half for as many."""
    balance = votes.sum(axis=1, dtype=np.int64)
    chances = (np.sign(balance) + 1) / 2
    chances[(votes == SILENT).all(axis=1)] = 0.0
    return np.asarray(chances, np.float64)


def data_programming(votes: Votes) -> Chances:
    """Return chances where each rule has one accuracy, and its silence says nothing.

    A report on which all rules are silent is not present: reports seldom pass over metal.
    """
    voted = (votes != SILENT).any(axis=1)
    some = votes[voted]
    start = majority(some)
    balance = logit(start.mean())

    def again(chances: Chances) -> Chances:
        right = chances @ (some == PRESENT) + (1 - chances) @ (some == ABSENT)
        seen = (some != SILENT).sum(axis=0)
        accuracy = (right + PRIOR_COUNT) / (seen + 2 * PRIOR_COUNT)
        # Without it, "every report with a vote is present" explains all votes as well.
        better_than_chance = np.maximum(accuracy, 0.5)
        return np.asarray(expit(balance + some @ logit(better_than_chance)), np.float64)

    result = np.zeros(len(votes))
    result[voted] = _settled(again, start)
    return result


def dawid_skene(votes: Votes) -> Chances:
    """Return chances where each rule has its own rate of every vote, silence too, by truth."""
    start = majority(votes)
    balance = logit(start.mean())

    def again(chances: Chances) -> Chances:
        present = _log_ratio(votes == PRESENT, chances)
        absent = _log_ratio(votes == ABSENT, chances)
        silent = _log_ratio(votes == SILENT, chances)
        # A vote may say little, but never the opposite: as above.
        odds = (votes == PRESENT) @ np.maximum(present, 0) + (votes == ABSENT) @ np.minimum(
            absent, 0
        )
        return np.asarray(expit(balance + odds + (votes == SILENT) @ silent), np.float64)

    return _settled(again, start)


def _log_ratio(voted: NDArray[np.bool_], chances: Chances) -> NDArray[np.float64]:
    """Return, for each rule, how much likelier a vote is on a present than on another report."""
    prior = PRIOR_COUNT * voted.mean(axis=0)
    if_present = (chances @ voted + prior) / (chances.sum() + PRIOR_COUNT)
    if_absent = ((1 - chances) @ voted + prior) / ((1 - chances).sum() + PRIOR_COUNT)
    # A vote that a rule never casts has no rate: it counts for nothing.
    never = prior == 0
    return np.asarray(np.log(np.where(never, 1, if_present) / np.where(never, 1, if_absent)))


def _settled(again: Callable[[Chances], Chances], chances: Chances) -> Chances:
    for _ in range(ROUNDS):
        before, chances = chances, again(chances)
        if np.abs(chances - before).max(initial=0.0) < SETTLED:
            break
    return chances


MODELS: Mapping[str, Callable[[Votes], Chances]] = {
    "majority vote": majority,
    "one accuracy a rule": data_programming,
    "Dawid-Skene": dawid_skene,
}


@dataclass(frozen=True)
class Judged:
    """Reports that a reader has judged, and which of them are asked about."""

    gold: Mapping[str, Gold]
    ids: Collection[str]

    def f1(self, called: Collection[str]) -> float:
        """Return F1 of 'present'."""
        return strict(self.gold, called, self.ids).f1

    def only_right(self, one: Collection[str], other: Collection[str]) -> int:
        """Return on how many reports the first is right and the other wrong."""
        asked = [name for name in self.ids if self.gold[name].status not in _ABSTAINED]
        return sum(
            (name in one) == (self.gold[name].status == "present")
            and (name in one) != (name in other)
            for name in asked
        )


def table(
    title: str, judged: Judged, plain: frozenset[str], models: Mapping[str, frozenset[str]]
) -> Table:
    """Return every model beside the plain rules."""
    rows = [_row(name, judged, called, plain) for name, called in models.items()]
    columns = (
        *("labelled by", "precision", "recall", "F1", "called"),
        *("only it right", "only the rules right", "p (exact McNemar)", "differs, all reports"),
    )
    rules = _row("plain rules", judged, plain, plain)
    return Table(title=title, columns=columns, rows=[[*rules[:5], *["-"] * 4], *rows])


def _row(name: str, judged: Judged, called: frozenset[str], plain: frozenset[str]) -> list[str]:
    scores = strict(judged.gold, called, judged.ids)
    figures = (scores.precision, scores.recall, scores.f1_with_limits)
    better, worse = judged.only_right(called, plain), judged.only_right(plain, called)
    counts = (str(better), str(worse), f"{p_of(better, worse):.3g}", str(len(called ^ plain)))
    return [name, *(shown(one, 3) for one in figures), str(scores.called), *counts]


def p_of(better: int, worse: int) -> float:
    """Return the exact McNemar p: of reports on which one alone is right, half favour each."""
    both = better + worse
    return float(stats.binomtest(better, both).pvalue) if both else 1.0


def verdict(judged: Judged, plain: frozenset[str], models: Mapping[str, frozenset[str]]) -> str:
    """Say whether a model is used: it has to do better, and by more than chance."""
    name = max(models, key=lambda one: judged.f1(models[one]))
    better = judged.only_right(models[name], plain)
    worse = judged.only_right(plain, models[name])
    beats = judged.f1(models[name]) > judged.f1(plain) and p_of(better, worse) < 0.05
    figures = f"best model, {name}: F1 {judged.f1(models[name]):.3f}; plain rules: "
    figures += f"{judged.f1(plain):.3f}"
    return f"{'Use the model' if beats else 'Keep the plain rules'} ({figures})."


if __name__ == "__main__":
    raise SystemExit(main())
