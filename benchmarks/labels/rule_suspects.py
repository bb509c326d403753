"""How many films of several hospitals the rule `quality` suspects, taken as they are.

    python -m benchmarks.labels.rule_suspects DATA

DATA holds a folder for each source. Each is an archive of its own here, as at a hospital, and all
frontal chest, lateral and abdominal films together are one more. Nearly all films are good, so
nearly every suspect costs a look in vain, and cost a good film while the rule excluded unseen.
Prints a table: films beyond the default cut-offs, and suspects of today's rule, each with its exact
95 % interval.
"""

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from backend.archive.loop.index import index
from backend.base.adapters.workspace import Workspace
from backend.base.core.figures import clopper_pearson
from backend.base.core.rule import FilmFacts, FilmRule, Force
from backend.labels.core.suspicion import suspicions
from backend.labels.loop.apply_rules import archive_facts, rule_of
from tasks import detector_task

TASK = detector_task("quality")
TOGETHER = ("nih_chest", "chest_openi", "chest_covid", "lateral_chest", "abdomen")
ALONE = (*TOGETHER, "pelvis_child", "hand_64px", "chest_64px")


@click.command()
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(data: Path) -> None:
    """Print the table."""
    rule = rule_of(TASK)
    print("| source | films | beyond the default cut-offs | suspects | suspected of |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        facts = {name: _facts(data / name, Path(folder) / name) for name in ALONE}
    for name, of_films in facts.items():
        print(_row(name, rule, of_films))
    together = {film: one for name in TOGETHER for film, one in facts[name].items()}
    print(_row("the first five together", rule, together))


def _facts(films: Path, root: Path) -> dict[str, FilmFacts]:
    workspace = Workspace.open_or_make(root)
    index(workspace, [films])
    return archive_facts(workspace, TASK)


def _row(name: str, rule: FilmRule, facts: Mapping[str, FilmFacts]) -> str:
    policies = {check.label for check in rule.checks if check.force is Force.POLICY}
    fixed = [rule.decide(of_film, rule.cut_offs) for of_film in facts.values()]
    beyond = sum(label not in {TASK.expected_label, *policies} for label in fixed)
    found = suspicions(rule, facts, {}, {})
    outside = (found.beyond > 0).any(axis=1)
    leading = Counter(found.scales[place].check.label for place in found.leading[outside])
    of = ", ".join(f"{label} {count}" for label, count in leading.most_common())
    shares = (_share(count, len(facts)) for count in (beyond, int(outside.sum())))
    return f"| {name} | {len(facts)} | {' | '.join(shares)} | {of or '-'} |"


def _share(count: int, films: int) -> str:
    figure = clopper_pearson(count, films)
    return f"{count}: {figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f})"


if __name__ == "__main__":
    main()
