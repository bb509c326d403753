"""Answers and labels kept one by one, each in a transaction of its own, by what a pull calls."""

from backend.labels.adapters.label_ledger import NewLabel, insert_labels
from backend.labels.adapters.label_store import label_history, put_annotation, take_back_labels
from backend.labels.adapters.ledger_store import recorded
from backend.review.adapters.answer_store import GONE, Read, keep_answer, take_back_answer
from backend.review.adapters.batch_store import settle_item


def record_answer(engine, answer):
    """Store a state of an annotation that no pull has read."""
    with recorded(engine) as recorder:
        keep_answer(recorder, answer, Read())


def withdraw_answer(engine, annotation):
    """Note that an annotation is gone from Label Studio."""
    with recorded(engine) as recorder:
        take_back_answer(recorder, annotation, GONE)


def replace_annotation(engine, origin, new):
    """Make `new` the labels of an annotation."""
    with recorded(engine) as recorder:
        put_annotation(recorder, origin, new)


def withdraw_annotation(engine, annotation):
    """Withdraw the labels of an annotation that is gone; return how many there were."""
    with recorded(engine) as recorder:
        return take_back_labels(recorder, annotation)


def reopen_item(engine, item):
    """Note that an item waits for a reviewer again."""
    with recorded(engine) as recorder:
        settle_item(recorder, item, is_done=False)


def add_labels(engine, new):
    """Store labels that are of no annotation, as if earlier work had left them; none twice."""
    fresh = [label for label in new if label not in _known(engine, label)]
    with recorded(engine) as recorder:
        insert_labels(recorder, [NewLabel(label, None, None) for label in fresh])
    return len(fresh)


def _known(engine, label):
    history = label_history(engine, label.detector_task, label.radiograph_id)
    return [record.label for record in history]
