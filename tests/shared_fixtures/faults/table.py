"""Which faults are done how often, and what each seed does: documents and rounds follow from it."""

from dataclasses import dataclass

import numpy as np

COMMANDS = ("index", "train", "publish", "sweep", "push", "pull", "export")
WRITES = {
    "index": 60,
    "train": 60,
    "publish": 60,
    "sweep": 30,
    "push": 140,
    "pull": 60,
    "export": 90,
}
"""About so many writes an undisturbed run of each makes; at one of them it is killed."""


_SHORT = ("publish", "push", "export")


@dataclass(frozen=True)
class Fault:
    """A kind of fault."""

    name: str
    rounds: int
    done: str
    """What is done for real, as the page says it."""
    command: str = ""
    """The command that it strikes; empty: one that the seed draws."""
    is_short: bool = False
    """Whether its first round runs with the other tests; they take about four minutes."""


FAULTS = (
    *(
        Fault(f"`{name}` killed", rounds, "SIGKILL at a drawn write", name, name in _SHORT)
        for name, rounds in zip(COMMANDS, (6, 5, 7, 6, 8, 8, 7), strict=True)
    ),
    Fault(
        "worker killed",
        8,
        "SIGKILL of one of two workers at a drawn write while answers come",
        is_short=True,
    ),
    Fault("backend killed", 5, "SIGKILL at a drawn write while webhooks come"),
    Fault(
        "Label Studio killed",
        7,
        "SIGKILL at a drawn write while a command and a person use it",
        is_short=True,
    ),
    Fault(
        "disk full", 8, "a file system with 0 to 400 KB left, while a command runs", is_short=True
    ),
    Fault("workspace read-only", 4, "the file system is mounted read-only, and a command runs"),
    Fault(
        "clock set back",
        4,
        "Label Studio's clock goes back an hour before an answer changes",
        is_short=True,
    ),
    Fault("webhook lost", 3, "the backend is down while answers are given"),
    Fault("webhook doubled", 2, "each is sent ten times, in parallel"),
    Fault("webhook late", 2, "that of an answer which was deleted since", is_short=True),
    Fault("webhook forged", 2, "answers that nobody gave, with a wrong password and a right one"),
    Fault("two of everything", 6, "two drawn commands at once, in twos of the same as well"),
    Fault("Label Studio trickles", 2, "a server sends a byte a second, in its head or its body"),
)

CHECKS = {
    "labels": "no label is lost or counted twice: those in the database are those of the record",
    "models": "every version that was ever in use is whole, and so are its predictions",
    "ledger": "the chain of the ledger holds, and tells of the labels that stand",
    "items": "no item and no prediction is in Label Studio twice",
    "goes on": "the command that was struck, given again, ends well, and so does a pull",
    "one line": "who is not killed says one line; no program's log has a traceback",
}
"""What is checked after each round."""

WHOLE = sum(fault.rounds for fault in FAULTS)


@dataclass(frozen=True)
class Round:
    """One fault at one moment; the same seed always draws the same."""

    seed: int
    fault: Fault

    @property
    def rng(self):
        return np.random.default_rng([2026, self.seed])

    def __str__(self):
        return f"seed {self.seed}: {self.fault.name}"


def round_of(seed):
    """Return what a seed does; the first `WHOLE` do every fault as often as the table says."""
    order = [fault for fault in FAULTS for _ in range(fault.rounds)]
    mixed = np.random.default_rng(7).permutation(len(order))
    return Round(seed, order[mixed[seed % len(order)]])


def first_seeds():
    """Return by fault the first seed that does it."""
    first = {}
    for seed in range(WHOLE):
        first.setdefault(round_of(seed).fault, seed)
    return first


def short_seeds():
    """Return the rounds that run with the other tests."""
    return sorted(seed for fault, seed in first_seeds().items() if fault.is_short)
