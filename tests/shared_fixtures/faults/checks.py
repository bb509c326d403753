"""What must be true after a round; each check returns what is wrong, or nothing."""

import csv
import sqlite3
from collections import Counter
from contextlib import closing

import cv2

from backend.base.core.errors import RadsieveError
from backend.detectors.adapters.versions.model_folder import read_card_values, read_weights
from backend.detectors.adapters.versions.predictions import load_predictions
from backend.labels.adapters.ledger_store import check_ledger, labels_that_differ
from backend.review.loop.pull import pull
from shared_fixtures.faults.ground import wait_until
from shared_fixtures.faults.site import TASK
from shared_fixtures.faults.table import CHECKS

_PULL_WITHIN_S = 60
_TRACEBACK = "Traceback (most recent call last)"


class Checks:
    """Looks at a site after each round; what programs wrote before is not looked at again."""

    def __init__(self, site):
        self._site, self._read = site, {}

    def run(self, again):
        """Return by check what is wrong.

        Args:
            again: the words of commands that must go on.
        """
        found = {"goes on": self._goes_on(again)}
        self._site.reviewer.ask()
        found["labels"] = self._labels()
        found["models"] = self._models()
        found["ledger"] = self._ledger()
        found["items"] = self._items()
        found["one line"] = self._lines()
        assert found.keys() == CHECKS.keys()
        return {name: problems for name, problems in found.items() if problems}

    def _goes_on(self, again):
        failed = []
        for words in again:
            ran = self._site.run(*words)
            if ran.code:
                failed.append(f"{words[0]} ended with {ran.code}: {ran.errors.strip()[-600:]}")
        exported = not failed and any(words[0] == "export" for words in again)
        return failed + (self._copies() if exported else [])

    def _copies(self):
        """Look whether each copy that an export tells of is a whole film."""
        out, copies = self._site.root.parent / "out", self._site.root.parent / "copies"
        with (out / "corrections.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        there = {path.name for path in copies.rglob("*.png") if cv2.imread(str(path)) is not None}
        if not rows:
            return ["an export without a copy tests nothing"]
        names = {row["file"].rpartition("/")[2] for row in rows}
        return [f"{len(names - there)} copies are missing or half"] if names - there else []

    def _labels(self):
        """Compare with the record; a pull of a worker that overtook ours may still write."""
        pull(self._site.workspace, self._site.tasks[TASK], self._site.client)
        wait_until(lambda: not self.other_labels(), _PULL_WITHIN_S)
        lost = [one for one in self._site.reviewer.standing() if self._site.reviewer.is_lost(one)]
        return [*self.other_labels(), *(f"Label Studio lost answer {one.token}" for one in lost)]

    def other_labels(self):
        wanted, there = self._site.reviewer.labels(), Counter(self._rows(_LABELS))
        answers = Counter(name for (name,) in self._rows(_ANSWERS))
        given = Counter({name: 1 for name, *_ in wanted})
        differ = {"lost": wanted - there, "too many": there - wanted}
        differ |= {"answers lost": given - answers, "answers too many": answers - given}
        return [f"{what}: {dict(rows)}"[:400] for what, rows in differ.items() if rows]

    def _rows(self, query):
        """Read the database itself: what this is compared with must not be read by our own code."""
        with closing(sqlite3.connect(self._site.root / "radsieve.sqlite3")) as connection:
            return connection.execute(query, (TASK,)).fetchall()

    def _models(self):
        wrong = []
        for task, version in set(self._used()):
            try:
                card = read_card_values(self._site.workspace.models, version)
                read_weights(self._site.workspace.models, version, card["weights_sha256"])
                if not len(load_predictions(self._site.workspace.predictions, task, version).frame):
                    wrong.append(f"{version} of {task} has no predictions")
            except RadsieveError as error:
                wrong.append(str(error))
        return wrong

    def _used(self):
        with closing(sqlite3.connect(self._site.root / "radsieve.sqlite3")) as connection:
            return connection.execute(_PUBLISHED).fetchall()

    def _ledger(self):
        engine = self._site.workspace.database
        fault = check_ledger(engine).fault
        return [str(fault)] * bool(fault) + [f"label {one}" for one in labels_that_differ(engine)]

    def _items(self):
        wrong = []
        for project in self._site.reviewer.call("GET", "projects/")["results"]:
            page = {"project": project["id"], "page_size": 5000, "fields": "all"}
            items = self._site.reviewer.call("GET", "tasks/", params=page)["tasks"]
            keys = Counter(_key(item["data"]) for item in items)
            wrong += [
                f"item {key} is there {count} times" for key, count in keys.items() if count > 1
            ]
            twice = [item["id"] for item in items if len(item["predictions"]) > 1]
            wrong += [f"item {item} has two predictions" for item in twice]
        return wrong

    def _lines(self):
        wrong = [fault for ran in self._site.ended for fault in _faults_of(ran)]
        self._site.ended.clear()
        for log in sorted(self._site.logs.glob("*.log")):
            if log.name != "studio.log":  # it is not ours
                before = self._read.get(log, 0)
                text = log.read_bytes()[before:].decode(errors="replace")
                self._read[log] = before + len(text.encode())
                if _TRACEBACK in text:
                    wrong.append(f"{log.name}: {text[text.index(_TRACEBACK) :][:1500]}")
        return wrong


def _faults_of(ran):
    """Return what is wrong with how a command ended."""
    if ran.was_killed:
        return
    if _TRACEBACK in ran.errors:
        yield f"{ran.words[0]} ended in a traceback: {ran.errors[-1500:]}"
    said = [line for line in ran.errors.splitlines() if line.startswith("Error: ")]
    if ran.code not in {0, 1} or len(said) != ran.code:
        yield f"{ran.words[0]} ended with {ran.code} and said {ran.errors[-600:]!r}"
    if any("radsieve has a fault" in line for line in said):
        yield f"{ran.words[0]} called it a fault of ours: {said}"


def _key(data):
    return data.get("sheet_key") or data.get("item_key")


_LABELS = """SELECT annotation, radiograph_id, label, denied FROM labels
    WHERE detector_task = ? AND withdrawn_at IS NULL AND annotation IS NOT NULL"""
_ANSWERS = """SELECT annotation FROM answers
    WHERE detector_task = ? AND withdrawn_at IS NULL AND outcome = 'counted'"""
_PUBLISHED = "SELECT detector_task, model_version FROM publications"
