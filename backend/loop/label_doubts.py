"""Reviewers' labels that should be looked at again, because what learnt from others doubts them."""

from collections import defaultdict

from backend.base.adapters.workspace import Workspace
from backend.base.core.detector_task import AnswerKind, DetectorTask
from backend.detectors.adapters.versions.model_folder import DOUBTS, read_card_values
from backend.detectors.adapters.versions.registry import published_version
from backend.detectors.core.label_doubts import Doubt, still_in_doubt
from backend.labels.adapters.label_store import standing_labels
from backend.labels.core.labels import LabelSource, verdicts
from backend.loop.looks import looks


def label_doubts(workspace: Workspace, task: DetectorTask) -> list[Doubt]:
    """Return the labels in doubt that one look alone gave, the most doubtful first.

    The version in use wrote its doubts down when it was trained, by heads that had not learnt from
    the film. A second look settles a doubt, whatever it says. At most `doubted_films` are returned.
    """
    version = published_version(workspace.database, task.name)
    if version is None or task.answer is AnswerKind.BOX:
        return []
    kept = read_card_values(workspace.models, version)["training"].get(DOUBTS, {}).get(task.name)
    if not kept:
        return []
    items = defaultdict(set)
    for look in looks(workspace, task):
        if look.check is None:
            items[look.radiograph_id].add((look.item_key, look.reviewer))
    of_reviewers = standing_labels(workspace.database, task.name, source=LabelSource.REVIEWER)
    standing = {film: one.label for film, one in verdicts(of_reviewers, task).items()}
    once = {film for film, seen in items.items() if len(seen) == 1}
    return still_in_doubt(kept, standing, once, workspace.settings.doubted_films)
