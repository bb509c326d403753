"""Films come and go between draws: the certificate holds, one that counts newcomers does not."""

from dataclasses import dataclass, field, replace

import numpy as np

from backend.certificate.core.audit_log import (
    AuditHistory,
    DrawnBatch,
    Looked,
    LookState,
    read_history,
    restricted,
)
from backend.certificate.core.bound import ALPHA, AuditLog, Run, RunEnd, bad_at_most
from backend.certificate.core.certificate import certify

GOOD, BAD = LookState.GOOD, LookState.BAD


@dataclass
class ChangingArchive:
    """An archive whose films come and go; half of its draws are of films that came."""

    rng: np.random.Generator
    films: int = 300
    bad: int = 12
    batches: list = field(default_factory=list)
    looks: dict = field(default_factory=dict)

    def __post_init__(self):
        self.listed = {str(film) for film in range(self.films)}
        self.here, self.gone = set(self.listed), set()

    def is_bad(self, film):
        return film in self.listed and int(film) < self.bad

    def change(self, position):
        """Take a few films away, bad ones above all, put some back, and add good ones."""
        unseen = sorted(self.here - self.looks.keys())  # sets have another order in each process
        unseen.sort(key=lambda film: not self.is_bad(film))
        self.gone = {film for film in sorted(self.gone) if self.rng.random() < 0.7}
        self.gone |= {*unseen[:1], *self.rng.choice(unseen, 2).tolist()}
        self.here |= {f"new {position} {number}" for number in range(30)}

    def draw(self, position):
        pool = sorted(self.here - self.gone - self.looks.keys())
        drawn = self.rng.permutation(pool)[:24].tolist()
        newcomers = sum(film not in self.listed for film in pool)
        whole = DrawnBatch(position, len(self.here - self.gone), len(pool), (), drawn)
        unseen = self.gone - self.looks.keys()
        one = restricted(whole, self.listed, newcomers=newcomers, gone=unseen)
        self.batches.append((whole, one))
        for film in drawn:
            self.looks[film] = Looked(BAD if self.is_bad(film) else GOOD, position + 1)

    def history(self):
        seen = {film: one for film, one in self.looks.items() if film in self.listed}
        return AuditHistory(self.films, [one for _, one in self.batches], seen)

    @property
    def left(self):
        return self.bad - sum(one.verdict is BAD for one in self.history().looked.values())


def for_the_films_of_the_first_draw(archive):
    reading = read_history(archive.history())
    assert not reading.unusable
    return certify(reading.log).at_most_unreviewed


def counting_films_that_came(archive):
    """Take every film drawn for evidence about the films of the first draw."""
    runs, found = [], 0
    for whole, one in archive.batches:
        run = Run(one.drawn_from, found, 0)
        for film in whole.drawn:
            if not archive.is_bad(film):
                run = replace(run, clean=run.clean + 1)
                continue
            found += 1
            runs.append(replace(run, end=RunEnd.FIND))
            run = Run(run.drawn_from - run.clean - 1, found, 0)
        runs.append(run)
    unreviewed = archive.films - len(archive.history().looked)
    log = AuditLog(archive.films, tuple(runs), found, unreviewed)
    return (bad_at_most(log) or found) - found


def share_ever_wrong(bounds, archives, seed):
    """Return for each bound in what share of changing archives it was ever too low."""
    wrong = np.zeros(len(bounds))
    for rng in np.random.default_rng(seed).spawn(archives):
        archive, failed = ChangingArchive(rng), np.zeros(len(bounds), bool)
        for position in range(12):
            if position:
                archive.change(position)
            archive.draw(position)
            failed |= [bound(archive) < archive.left for bound in bounds]
        wrong += failed
    return wrong / archives


def test_the_certificate_holds_while_films_come_and_go_and_one_that_counts_them_does_not():
    limit = ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / 60)
    ours, other = share_ever_wrong(
        [for_the_films_of_the_first_draw, counting_films_that_came], archives=60, seed=3
    )
    assert ours <= limit
    assert other > limit
