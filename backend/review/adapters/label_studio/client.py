"""The one door to Label Studio: its API in, plain values out, its failures as `LabelStudioError`.

Label Studio calls a row of a project a task; everywhere else in this code it is an item.
"""

from backend.review.adapters.label_studio.items import ItemAccess
from backend.review.adapters.label_studio.projects import ProjectSetup


class LabelStudio(ProjectSetup, ItemAccess):
    """A connection to one Label Studio."""
