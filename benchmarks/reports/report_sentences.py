"""How many sentences of our own, whose label is known, the rules get right.

    python -m benchmarks.reports.report_sentences [--wrong]

The tables in `sentences/` hold devices, phrasings and places in a report; every device is put into
every phrasing. A group of phrasings says in plain words why its label is what it is. We made them,
from what radiologists write, and not from reports: they show which wordings are understood, and
not how often those occur.
"""

import argparse
import itertools
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.reports.adapters.lexicon_file import load_lexicon
from backend.reports.core.mining.mine import mine

TABLES = {
    "en": ("en", "en"),
    "de": ("de", "de"),
    "es": ("es", "es"),
    "orthopaedic": ("orthopaedic", "en"),
}
"""Name of a set -> its file, and the language of its sentences."""
_FOLDER = Path(__file__).parent / "sentences"


@dataclass(frozen=True, slots=True)
class KnownSentence:
    """A report of one or a few sentences, and the labels that are right for it."""

    text: str
    truth: frozenset[str]
    group: str
    phrasing: str


def known_sentences(name: str) -> list[KnownSentence]:
    """Return the sentences of a set, each once."""
    table = tomllib.loads((_FOLDER / f"{TABLES[name][0]}.toml").read_text(encoding="utf-8"))
    made = itertools.chain.from_iterable(_of_group(table, group) for group in table["group"])
    return list({sentence.text: sentence for sentence in made}.values())


def wrong_ones(name: str) -> list[tuple[KnownSentence, str]]:
    """Return the sentences of a set that get another label, and that label."""
    lexicon = load_lexicon(TABLES[name][1])
    labelled = ((one, mine(one.text, lexicon).label.value) for one in known_sentences(name))
    return [(one, label) for one, label in labelled if label not in one.truth]


def _of_group(table: Mapping[str, Any], group: Mapping[str, Any]) -> Iterator[KnownSentence]:
    """Yield every device in every phrasing; the places in a report take turns."""
    devices = table["device"] if group.get("devices", True) else [None]
    frames = group.get("frames", table["frames"])
    for row, phrasing in enumerate(group["say"]):
        for column, device in enumerate(devices):
            said = phrasing if device is None else phrasing.format_map(_words(table, device))
            text = frames[(row + column) % len(frames)].format(s=said)
            yield KnownSentence(text, frozenset(group["truth"]), group["name"], phrasing)


def _words(table: Mapping[str, Any], device: Mapping[str, str]) -> dict[str, str]:
    """Return the words of a device by their names; a capital in a name makes one in the word."""
    words = {"dat": device["noun"], **table["forms"][device["form"]], **device}
    capitals = {name.capitalize(): word[:1].upper() + word[1:] for name, word in words.items()}
    return words | capitals


def _summary(name: str) -> tuple[int, Sequence[tuple[KnownSentence, str]]]:
    return len(known_sentences(name)), wrong_ones(name)


def main(argv: Sequence[str] | None = None) -> int:
    """Print, by set and group, how many sentences there are and how many get a wrong label."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="show the phrasings that go wrong")
    options = parser.parse_args(argv)
    for name in TABLES:
        count, wrong = _summary(name)
        print(f"{name}: {count} sentences, {len(wrong)} wrong")
        for group, number in Counter(one.group for one, _ in wrong).items():
            print(f"  {group}: {number}")
        if options.wrong:
            _print_phrasings(wrong)
    return 0


def _print_phrasings(wrong: Sequence[tuple[KnownSentence, str]]) -> None:
    counts = Counter((one.phrasing, label) for one, label in wrong)
    for (phrasing, label), number in counts.most_common():
        print(f"    {number:3d} {label}: {phrasing}")


if __name__ == "__main__":
    raise SystemExit(main())
