"""What Label Studio holds of an item, for tests that answer without one."""

from backend.review.adapters.label_studio.shapes import parse_data
from backend.review.adapters.screens.sheet_screen import FILMS_FIELD


def item_data(item):
    """Return the data of a planned item, sheet or single film, as an answer to it carries them."""
    shown = {FILMS_FIELD: [{"value": film} for film in item.shown_ids]}
    texts = {
        "detector_task": item.detector_task,
        "shown_label": item.shown_label,
        "radiograph_id": item.radiograph_ids[0],
    }
    return parse_data(shown | texts)
