"""Random histories of a review: each number of the certificate is worked out once more, slowly.

The recount knows the draws and answers from a log that the history keeps itself. It follows
docs/certificate.md film by film, with the chance of each drawn film, where the program has closed
forms and bisection; of the program it takes the table of multipliers only.
"""

import math
import re

import pytest
from shared_fixtures.review_histories import TASKS, begun, run
from shared_fixtures.review_recount import ReviewRecount, is_disputed

from backend.base.core.joint_question import nameable_parts
from backend.certificate.core.bound import ALPHA, ROUNDING
from backend.certificate.core.slips import BOUND_SHARE
from backend.certificate.core.thresholds import multipliers
from backend.certificate.loop.audit import audit_archive

SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 3)))
GOOD, BAD, OPEN = "good", "bad", "open"


class CertificateRecount(ReviewRecount):
    """The certificate of each detector task, from the log of a history."""

    def __init__(self, history):
        super().__init__(history)
        self.policy_bad = {
            film
            for film, name, label in history.ruled
            if (name, label) in {("age", "child"), ("quality", "exact_duplicate")}
        }

    def states(self, name):
        """Return what is known of each film that an answer stands of."""
        known = self.own_states(name)
        return self.with_parts(known) if TASKS[name].sums_up else known

    def own_states(self, name):
        calls, settled = self.calls(name), self.settled(name)
        states = {}
        for film in self.history.answered(name):
            said = calls.get(film, [])
            on_screen = any(told.seconds is not None for _, told, _ in said)
            passed = on_screen and not is_disputed(said) and not said[-1][2]
            states[film] = BAD if film in settled else GOOD if passed else OPEN
        return states

    def with_parts(self, own):
        """Add what is known of a film for the parts of a task that sums up."""
        parts = nameable_parts(TASKS["any_problem"])
        called = {film for part in parts for film in self.called_bad(part.name)}
        twice = {film for part in parts for film in self.settled(part.name)}
        surely = self.policy_bad | (twice & called) | {f for f, s in own.items() if s == BAD}
        unsure = dict.fromkeys(self.policy_bad | called, OPEN)
        return own | unsure | dict.fromkeys(surely, BAD)

    def called_bad(self, name):
        said_first = {film for film, asked in self.history.said_without_looking if asked == name}
        last = {film: calls[-1][2] for film, calls in self.calls(name).items()}
        return {film for film in said_first | last.keys() if last.get(film, True)}

    def of(self, name, alpha=ALPHA):
        """Return the numbers of a certificate; None where nothing was drawn for the task."""
        drawn = [draw for draw in self.history.draws if name in draw.pool]
        if not drawn:
            return None
        listed, states = drawn[0].archive, self.states(name)
        states = {film: state for film, state in states.items() if film in listed}
        missed = self.missed(name)
        looks = [look for draw in drawn for look in self.drawn_looks(draw, name, states, listed)]
        while looks and looks[-1].state == OPEN:
            looks.pop()
        found = sum(state == BAD for state in states.values())
        unsure = len(listed) - len(states) + sum(state == OPEN for state in states.values())
        alpha, withdrawn, since = in_force(looks, alpha, len(missed) > 0, found)
        bound = largest_not_ruled_out(since, alpha * share(missed), found, unsure)
        return {
            "films": len(listed),
            "found": found,
            "without_verdict": unsure,
            "audit_looks": sum(look.state != OPEN for look in since),
            "audit_finds": sum(look.state == BAD for look in since),
            "audit_without_verdict": sum(look.state == OPEN for look in since),
            "kappa_hat": bound,
            "withdrawn": withdrawn,
            "missed": (sum(missed), len(missed)),
        }

    def missed(self, name):
        """Return of each film known to be bad, shown again unmarked, whether it was passed."""
        return [
            passed
            for told in self.answers
            if told.item.detector_task == name
            for passed in told.checks_passed
        ]

    def drawn_looks(self, draw, name, states, listed):
        """Yield the looks at drawn films of the first draw, in draw order."""
        pool = draw.pool[name] & listed
        outside = listed - pool
        bad_outside = sum(states.get(film, OPEN) == BAD for film in outside)
        maybe = bad_outside + sum(states.get(film, OPEN) == OPEN for film in outside)
        left = len(pool)
        for film in (film for film in draw.in_order if film in pool):
            state = states.get(film, OPEN)
            yield DrawnLook(left, maybe, bad_outside, state)
            left -= 1
            maybe += state != GOOD
            bad_outside += state == BAD


class DrawnLook:
    """A drawn film, and what it was drawn from."""

    def __init__(self, left, maybe_bad_outside, bad_outside, state):
        self.left, self.maybe_bad_outside, self.state = left, maybe_bad_outside, state
        self.bad_outside = bad_outside


def share(missed):
    return BOUND_SHARE if missed else 1.0


def is_ruled_out(looks, alpha, bad):
    """Return whether these looks ever were evidence enough against so many bad films."""
    evidence, finds = 0.0, 0
    needed = multipliers(alpha, sum(look.state != GOOD for look in looks) + 1)
    for look in looks:
        if look.state != GOOD:
            finds += 1
            continue
        inside = max(bad - look.maybe_bad_outside, 0)
        if inside >= look.left:
            return True
        evidence -= math.log((look.left - inside) / look.left)
        if evidence - ROUNDING >= needed[finds]:
            return True
    return False


def in_force(looks, alpha, has_checks, found):
    """Return alpha, how many certificates were withdrawn, and the looks that count since then."""
    withdrawn, spent = 0, BOUND_SHARE if has_checks else 1.0
    while True:
        at = withdrawal(looks, alpha * spent, found)
        if at is None:
            return alpha, withdrawn, looks
        looks, alpha, withdrawn = looks[at:], alpha / 2, withdrawn + 1


def withdrawal(looks, alpha, found):
    """Return after how many looks more films were found than were not ruled out; None if never."""
    ends = [n for n, look in enumerate(looks, 1) if n == len(looks) or is_run_end(looks, n)]
    for end in ends:
        known = max([look.bad_outside for look in looks[:end]], default=0)
        after = looks[end:]
        known = found if not after else max(known, after[0].bad_outside)
        if is_ruled_out(looks[:end], alpha, known):
            return end
    return None


def is_run_end(looks, after):
    """Return whether a run of clean looks ends here: with a find, or before the next batch."""
    return looks[after - 1].state != GOOD or looks[after].left != looks[after - 1].left - 1


def largest_not_ruled_out(looks, alpha, found, unsure):
    for bad in range(found + unsure, found - 1, -1):
        if not is_ruled_out(looks, alpha, bad):
            return bad
    return None


def said(certificate):
    slips = certificate.slips
    return {
        "films": certificate.films,
        "found": certificate.found,
        "without_verdict": certificate.unreviewed + certificate.unresolved,
        "audit_looks": certificate.audit_looks,
        "audit_finds": certificate.audit_finds,
        "audit_without_verdict": certificate.audit_without_verdict,
        "kappa_hat": certificate.kappa_hat,
        "withdrawn": certificate.withdrawn,
    } | ({"missed": (slips.missed, slips.shown)} if slips else {})


def read_short_lines(text):
    """Parse what is printed of each detector task alone, by its full name."""
    alone = text.split("each alone, with 95 % confidence:")[1].split("all of these together")[0]
    pattern = r"^  (.+?) +at most ([\d,]+) bad films? left among ([\d,]+) .*?; ([\d,]+) found"
    return {
        match[1]: [int(match[group].replace(",", "")) for group in (2, 3, 4)]
        for match in re.finditer(pattern, alone, re.MULTILINE)
    }


def read_headline(text):
    """Parse the sentences on films with any problem: what was judged, found, and may be left."""
    line = text.split("\n", 1)[0]
    judged = re.search(r"We judged ([\d,]+) films? drawn at random .*?; (none|\d+) w", line)
    left = re.search(r"(?:more than|At most|may be bad,) ([\d,]+)(?: bad films?| in number)", line)
    found = re.search(r"^found +([\d,]+) bad films?,.* of ([\d,]+) films at", text, re.MULTILINE)
    waiting = re.search(r" ([\d,]+) more (?:has|have) (?:no verdict yet)", line)
    return {
        "audit_looks": int(judged[1]) if judged else 0,
        "audit_finds": int(judged[2].replace("none", "0")) if judged else 0,
        "audit_without_verdict": int(waiting[1]) if waiting else 0,
        "left": int(left[1]),
        "found": int(found[1]),
        "films": int(found[2]),
    }


def agree(report, expected):
    for name, value in said(report.certificate).items():
        assert value == expected[name], (report.detector_task, name, value, expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_of_the_certificates_is_that_of_a_recount(workspace, true_label, seed):
    history = begun(workspace, true_label, seed)
    history.push("any_problem")
    for _ in range(3):
        for _ in range(8):
            history.step()
        audited = audit_archive(history.workspace.database, TASKS)
        assert not audited.headline.reading.unusable
        recount = CertificateRecount(history)
        whole, printed = recount.of("any_problem"), run(history, "audit")
        agree(audited.headline, whole)
        whole["left"] = whole["kappa_hat"] - whole["found"]
        assert read_headline(printed).items() <= whole.items(), (printed, whole)
        alone = read_short_lines(printed)
        for name in ("rotation", "inversion"):
            expected = recount.of(name)
            agree(audited.alone[name], expected)
            left = expected["kappa_hat"] - expected["found"]
            numbers = [left, expected["without_verdict"], expected["found"]]
            assert alone[TASKS[name].full_name] == numbers
