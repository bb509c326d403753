"""Random histories of a review: each number that a page or a command says is counted once more.

The recount reads a log that the history keeps itself, and the lists that the export wrote; of the
program's own counting it uses nothing.
"""

import csv
import re
from html import unescape

import pytest
from shared_fixtures.review_histories import ASKED, TASKS, begun, run
from shared_fixtures.review_recount import ReviewRecount

from backend.archive.adapters.film_names import film_names
from backend.review.core.item import SHEET

SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3)))
ACCEPTED = "The films are phantoms and their groups mean nothing at all."


class Recount(ReviewRecount):
    """The facts, counted slowly from the log and from the lists of an export."""

    def __init__(self, history, lists):
        super().__init__(history)
        self.lists = lists
        by_film = film_names(history.workspace.database, paths=True)
        self.film_of = {path: film for film, paths in by_film.items() for path in paths}

    def rows(self, name):
        with (self.lists / f"{name}.csv").open() as file:
            return list(csv.DictReader(file))

    def films_in(self, name):
        return {self.film_of[row["file"]] for row in self.rows(name)}

    def left_out(self):
        """Return how many films no file is left of, other files, and reasons of either."""
        rows = self.rows("exclusions")
        gone = {row["file"] for row in rows}
        by_film = {}
        for path, film in self.film_of.items():
            by_film.setdefault(film, set()).add(path)
        wholly = {film for film, paths in by_film.items() if paths <= gone}
        copies = sum(self.film_of[path] not in wholly for path in gone)
        reasons = {(self.film_of[row["file"]], row["reason"]) for row in rows}
        return len(wholly), copies, len(reasons)

    def looks(self, names):
        answers = [told for told in self.asking(names) if told.seconds is not None]
        drawn, drawn_seen = set(), set()
        for name in names:
            drawn |= self.history.drawn.get(name, set())
            drawn_seen |= self.history.drawn.get(name, set()) & self.seen([name])
        counts = [len(told.item.shown_ids) for told in answers]
        gone = {
            name
            for name, item in self.history.taken_back
            if name not in self.history.standing and self.history.asked(item) & set(names)
        }
        return {
            "films": len(self.archive),
            "looked_at": len(self.seen(names) & self.archive),
            "people": len({told.reviewer for told in answers}),
            "looks": sum(counts),
            "sheets": sum(told.item.kind == SHEET for told in answers),
            "singles": sum(told.item.kind != SHEET for told in answers),
            "hidden": sum(len(told.item.checks) for told in answers),
            "pace": sum(told.seconds for told in answers) / max(1, sum(counts)),
            "in_bulk": len(self.asking(names)) - len(answers),
            "taken_back": len(gone),
            "drawn": len(drawn),
            "drawn_seen": len(drawn_seen),
        }

    def bad(self, names):
        """Return how many films on the list are bad for any of these tasks, and how."""
        how = {}
        for row in self.rows("exclusions"):
            if row["detector_task"] in names:
                film, name = self.film_of[row["file"]], row["detector_task"]
                policy = row["label_source"] == "RULE"
                strength = 2 if policy else 0 if film in self.settled(name) else 1
                how[film] = min(strength, how.get(film, 2))
        correctable = self.films_in("corrections") | self.films_in("unproven")
        return {
            "two_looks": sum(strength == 0 for strength in how.values()),
            "one_look": sum(strength == 1 for strength in how.values()),
            "policy": sum(strength == 2 for strength in how.values()),
            "correctable": len(correctable & how.keys()),
            "bad": len(how),
        }

    def suspected(self, names):
        suspects = {
            self.film_of[row["file"]]
            for row in self.rows("suspects")
            if row["detector_task"] in names
        }
        if len(names) > 1:
            suspects -= self.films_in("exclusions")
        unseen = suspects - self.seen(TASKS)
        return {"suspected": len(suspects), "unseen": len(unseen)}

    def of(self, *names):
        return self.looks(names) | self.bad(names) | self.suspected(names)


def number(pattern, text, default=0):
    """Return the number in the first group; a count written as a word is one, too."""
    found = re.search(pattern, text)
    if found is None:
        return default
    word = next(group for group in found.groups() if group)
    return (
        {"none": 0, "nobody": 0, "it": 1}.get(word)
        if word.isalpha()
        else float(word.replace(",", ""))
    )


def read_looks(text):
    """Parse the sentence on what was looked at, and its notes."""
    if "Nobody has looked at any film." in text:
        return {"looked_at": 0, "looks": 0, "sheets": 0, "singles": 0, "people": 0}
    whole = re.search(r"looked at all ([\d,]+) films", text)
    return {
        "people": number(r"([\d,]+) (?:person|people) looked at", text),
        "looked_at": float(whole[1].replace(",", ""))
        if whole
        else number(r"looked at ([\d,]+|none) of [\d,]+ films?", text),
        "looks": number(r": ([\d,]+) looks? on", text),
        "sheets": number(r"([\d,]+) contact sheets?", text),
        "singles": number(r"([\d,]+) single films?", text),
        "hidden": number(r"([\d,]+) of these looks (?:was|were) at hidden", text),
        "in_bulk": number(r"([\d,]+) items? (?:was|were) accepted in bulk", text),
        "taken_back": number(r"([\d,]+) answers? (?:was|were) taken back", text),
    }


def read_drawn(text):
    drawn = number(r"([\d,]+) films? (?:was|were) drawn at random", text)
    said = re.search(r"drawn at random, and (.*?)\.", text)
    if said is None:
        return {"drawn": drawn}
    words = said[1]
    if words in ("all were looked at", "it was looked at"):
        return {"drawn": drawn, "drawn_seen": drawn}
    if words in ("none was looked at yet", "it was not looked at yet"):
        return {"drawn": drawn, "drawn_seen": 0}
    return {"drawn": drawn, "drawn_seen": number(r"([\d,]+) of them (?:was|were) looked at", words)}


def read_bad(text):
    if only := re.search(r"1 film is bad: (.*?)\. (.*?)\.", text):
        how = ("confirmed by two looks", "called so, but not yet confirmed", "by policy")
        two, one, policy = (int(only[1].startswith(words)) for words in how)
        right = int(only[2].startswith("It can be corrected"))
        return {"two_looks": two, "one_look": one, "policy": policy, "correctable": right}
    return {
        "two_looks": number(r"([\d,]+) confirmed by two looks", text),
        "one_look": number(r"([\d,]+) called bad, but not yet confirmed", text),
        "policy": number(r"([\d,]+) by policy", text),
        "correctable": int("It can be corrected by turning" in text)
        or number(r"([\d,]+) can be corrected by turning", text),
    }


def read_suspected(text):
    if "undecided film" not in text or "No undecided film" in text:
        return {"suspected": 0, "unseen": 0}
    suspected = number(r"([\d,]+) undecided films? (?:is|are) suspected", text)
    all_unseen = re.search(r"suspected: nobody has looked at (?:them|it)\.", text)
    unseen = suspected if all_unseen else number(r"nobody has looked at ([\d,]+) of them", text)
    return {"suspected": suspected, "unseen": unseen}


def read(text):
    """Parse every number that a text says of the facts."""
    return read_looks(text) | read_drawn(text) | read_bad(text) | read_suspected(text)


def agree(text, recount):
    for name, value in read(text).items():
        assert value == recount[name], (name, value, recount[name], text)


def status_parts(text):
    """Return what status says of the archive, and of each detector task."""
    whole, *parts = text.split("\n\n")
    return whole, {part.split(":", 1)[0].strip(): part for part in parts}


def words(page):
    return " ".join(
        unescape(
            re.sub(r"<[^>]*>", " ", re.sub(r"<style.*?</style>", "", page, flags=re.S))
        ).split()
    )


def check_report(page, recount):
    said = words(page)
    whole = recount.of(*TASKS)
    removed = said.split("What was found to be removed?")[1].split("How sure are you?")[0]
    sure = said.split("How sure are you?")[1].split("Does any group")[0]
    who = said.split("Who checked?")[1].split("Overview")[0]
    for name, value in read_bad(removed).items():
        assert value == whole[name], (name, value, whole[name], removed)
    assert (
        number(r"(?:Not as it stands: |all )([\d,]+) (?:of [\d,]+ )?films (?:is|are) bad", said)
        == whole["bad"]
    )
    for name, value in read_drawn(sure).items():
        assert value == whole[name], (name, value, whole[name], sure)
    for name, value in read_looks(who.split(":", 1)[0] + ":" + who.split(":", 1)[1]).items():
        assert value == whole[name], (name, value, whole[name], who)
    assert ("none of them can be corrected" in said) is False


def read_left_out(text):
    """Parse what the lists leave out: films, second copies, and the reasons."""
    return (
        number(r": (?:.* and )?([\d,]+) films? (?:and .*)?(?:is|are) left out", text),
        number(r"([\d,]+) second cop(?:y|ies)", text),
        number(r"left out, for ([\d,]+) reasons?", text),
    )


def check_export(text, recount):
    """Hold each number that `export` prints to the recount, and to the lists that it wrote."""
    whole = recount.of(*TASKS)
    for name, value in (read_bad(text) | read_suspected(text)).items():
        assert value == whole[name], (name, value, whole[name], text)
    assert read_left_out(text) == recount.left_out()
    corrected = number(r"([\d,]+) films? (?:has|have) a correction", text)
    assert corrected == len(recount.films_in("corrections"))
    assert number(r"suspects\.csv: ([\d,]+) rows?", text) == len(recount.rows("suspects"))
    do_not_pass = number(r"([\d,]+) files? (?:does|do) not pass after correction", text)
    assert do_not_pass == len(recount.rows("unproven"))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_that_anybody_is_told_is_that_of_a_recount(
    workspace, true_label, tmp_path, seed
):
    history = begun(workspace, true_label, seed)
    history.push("any_problem")
    for round_ in range(3):
        for _ in range(7):
            history.step()
        out = tmp_path / str(round_)
        asked = ("--out", str(out), "--no-pictures", "--accept-bias", ACCEPTED)
        printed = run(history, "export", *asked)
        recount = Recount(history, out)
        check_export(printed, recount)
        whole, by_task = status_parts(run(history, "status"))
        agree(whole, recount.of(*TASKS))
        for name in set(ASKED):
            agree(by_task[TASKS[name].full_name], recount.of(name))
        bad = recount.of(*TASKS)["bad"]
        told = by_task[TASKS["any_problem"].full_name]
        assert number(r"bad +([\d,]+) films? (?:is|are) bad", told) == bad, told
        agree(run(history, "audit").rsplit("\n\n", 1)[1], recount.of(*TASKS))
        check_report((out / "report.html").read_text(), recount)
