"""What the scripted reviewer's run says: per 1,000 films, with ratios, as JSON and as Markdown."""

import json
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.detectors.card import DetectorCard, Table, write_card
from benchmarks.review.review_arms import Arm, Proof

NAME = "review_speed"
_PER = 1000


@dataclass(frozen=True, slots=True)
class Run:
    """One way of reviewing in one window."""

    screen: str
    arm: str
    films: int
    clicks: int
    keys: int
    scrolls: int
    waits_ms: list[float]
    """One a screen, the last answer of all included."""
    proof: Proof
    load: tuple[float, float]
    """Load average of the machine over one minute, before and after."""

    @property
    def per_1000(self) -> tuple[float, float, float, float]:
        """Clicks, key strokes, scrolls, and seconds of machine wait."""
        counts = (self.clicks, self.keys, self.scrolls, sum(self.waits_ms) / 1000)
        clicks, keys, scrolls, wait_s = (_PER * count / self.films for count in counts)
        return clicks, keys, scrolls, wait_s

    @property
    def actions_per_1000(self) -> float:
        """Clicks, key strokes and scrolls together."""
        return sum(self.per_1000[:3])


def run_of(arm: Arm, screen: str, load: tuple[float, float]) -> Run:
    """Return what an arm did and what arrived of it."""
    hand = arm.hand
    waits = [round(wait, 1) for wait in hand.waits_ms]
    return Run(
        screen, arm.name, arm.films, hand.clicks, hand.keys, hand.scrolls, waits, arm.prove(), load
    )


def write_figures(runs: Sequence[Run], films: str, about: str, folder: Path) -> str:
    """Write `review_speed.json`, `review_speed.md` and every wait; return the Markdown.

    Args:
        runs: those of the first screen hold the baselines.
        films: which films were shown.
        about: where they come from, and how many patients.
        folder: made where it is missing.
    """
    tables = [_compared(runs), *_ratios(runs), _by_screen(runs), _arrived(runs)]
    card = DetectorCard(
        task=NAME,
        films=films,
        patients=about,
        label_source="known: the benchmark turned the exceptions itself",
        split="none: nothing is trained or judged; the reviewer is a script that knows the answers",
        command=_command(runs),
        tables=tables,
        not_for=["How fast or how right a person is: nobody looked at these films."],
        notes=list(_notes(runs)),
    )
    write_card(card, folder)
    waits = json.dumps([asdict(run) for run in runs])
    (folder / f"{NAME}_waits.json").write_text(waits + "\n")
    text = _markdown(card)
    (folder / f"{NAME}.md").write_text(text)
    return text


def _command(runs: Sequence[Run]) -> str:
    films = [run.films for run in runs if run.arm.startswith("sheets")]
    counts = f"--films {max(films)} --elsewhere {min(films)}"
    return f"python -m benchmarks.{NAME} FILMS_FOLDER --out DIR {counts}"


def _compared(runs: Sequence[Run]) -> Table:
    rows = []
    for run in _of_first_screen(runs):
        clicks, keys, scrolls, wait_s = run.per_1000
        rows.append(
            [
                run.arm,
                str(run.films),
                f"{clicks:.0f}",
                f"{keys:.0f}",
                f"{scrolls:.0f}",
                f"{wait_s:.1f}",
                _spread(run.waits_ms),
            ]
        )
    return Table(
        title=f"Per 1,000 films, {runs[0].screen}",
        columns=[
            "way",
            "films reviewed",
            "clicks",
            "key strokes",
            "scrolls",
            "machine wait, s",
            "wait a screen, ms: median (min-max)",
        ],
        rows=rows,
    )


def _ratios(runs: Sequence[Run]) -> Iterator[Table]:
    compared = _of_first_screen(runs)
    baselines = [run for run in compared if not run.arm.startswith("sheets")]
    if baselines:
        yield Table(
            title="How many times as many clicks, key strokes and scrolls, and as much wait",
            columns=["baseline / way", *[run.arm for run in compared if run not in baselines]],
            rows=[
                [base.arm, *[_ratio(base, run) for run in compared if run not in baselines]]
                for base in baselines
            ],
        )


def _ratio(base: Run, run: Run) -> str:
    actions = base.actions_per_1000 / run.actions_per_1000
    return f"{actions:.1f} x, {base.per_1000[3] / run.per_1000[3]:.1f} x"


def _by_screen(runs: Sequence[Run]) -> Table:
    rows = [
        [
            run.screen,
            run.arm,
            str(run.films),
            f"{run.per_1000[3]:.1f}",
            _spread(run.waits_ms),
            f"{run.load[0]:.1f} to {run.load[1]:.1f}",
        ]
        for run in runs
        if run.arm.startswith("sheets")
    ]
    columns = [
        "screen",
        "way",
        "films reviewed",
        "machine wait, s per 1,000 films",
        "wait a sheet, ms: median (min-max)",
        "load average before and after",
    ]
    return Table(title="Machine wait by window and theme", columns=columns, rows=rows)


def _arrived(runs: Sequence[Run]) -> Table:
    rows = []
    for run in runs:
        proof = run.proof
        counts = (proof.answers, proof.films, proof.never, proof.twice, proof.wrong, proof.too_fast)
        rows.append([run.screen, run.arm, *map(str, counts)])
    return Table(
        title="What Label Studio held at the end",
        columns=[
            "screen",
            "way",
            "answers",
            "films meant",
            "never answered",
            "answered twice",
            "answered wrongly",
            "answers below radsieve's floor",
        ],
        rows=rows,
    )


def _notes(runs: Sequence[Run]) -> Iterator[str]:
    yield (
        "Machine wait: from the key or click that asks for the next screen until all its pictures "
        "are decoded and painted, timed inside the page; headless Chromium, one Label Studio "
        "1.23.2 on SQLite, the same machine."
    )
    yield "Keys held together, as in Ctrl+Enter, are one key stroke. The ways took turns."
    yield from (
        f"{run.arm}: {run.films} films reviewed, counts scaled to 1,000."
        for run in _of_first_screen(runs)
        if run.films != max(one.films for one in runs)
    )
    if any(run.arm.startswith("grid") for run in runs):
        yield (
            "On the grid an exception is what is left over: no answer says so, and nothing is kept "
            "of who looked at it or for how long. Selecting all accepts films that nobody scrolled "
            "to. The three clicks that select all are counted, their wait is not."
        )


def _of_first_screen(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.screen == runs[0].screen]


def _spread(waits_ms: Sequence[float]) -> str:
    middle = statistics.median(waits_ms)
    return f"{middle:.0f} ({min(waits_ms):.0f}-{max(waits_ms):.0f})"


def _markdown(card: DetectorCard) -> str:
    parts = [f"# Speed of reviewing\n\nFilms: {card.films}. Source: {card.patients}."]
    for table in card.tables:
        lines = [table.columns, ["---"] * len(table.columns), *table.rows]
        body = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        parts.append(f"## {table.title}\n\n{body}")
    parts.append("\n".join(f"- {note}" for note in card.notes))
    parts.append(f"`{card.command}`")
    return "\n\n".join(parts) + "\n"
