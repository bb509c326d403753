"""A detector learnt from answers that people give in a real Label Studio.

In a file of its own, so that the other tests of this kind run beside those that need Label Studio.
"""

import pytest
from shared_fixtures.archive import emptied_projects
from shared_fixtures.kept_answers import add_labels
from shared_fixtures.lying_films import FILMS, NOISE, answers, name_of, trained

from backend.archive.adapters.catalogue import films
from backend.labels.adapters.label_store import standing_labels
from backend.review.adapters.batch_store import open_items
from backend.review.adapters.screens.contact_sheet import sheet_result
from backend.review.adapters.screens.tabs import QUEUE
from backend.review.loop.pull import pull
from backend.review.loop.push import NextBatch, push
from backend.review.loop.studio.connect import remember_label_studio

pytestmark = [pytest.mark.trains, pytest.mark.studio]


def test_from_a_cold_start_to_a_detector_in_label_studio(answered, task, studio):
    client = remember_label_studio(answered.root, studio.url, studio.token)
    made = emptied_projects(answered, client, task)
    push(answered, task, client, NextBatch(FILMS + NOISE))
    names = {film.radiograph_id: name_of(film) for film in films(answered.database)}
    for item in open_items(answered.database, task.name):
        assert item.shown_label == "frontal"
        flagged = {film for film in item.radiograph_ids if names[film] != "frontal"}
        result = sheet_result(item.radiograph_ids, flagged)
        client.submit_answer(item.item_id, result, lead_time_s=60.0)
    predictions = client._json("GET", "api/predictions/", params={"project": made.sheet})
    assert {one["model_version"] for one in predictions} == {QUEUE}
    assert not any(one["result"] for one in predictions)
    pull(answered, task, client)
    # What was flagged goes on to be told apart; here a person says which are laterals.
    add_labels(answered.database, answers(answered, kinds=("lateral",)))
    assert len(standing_labels(answered.database, task.name)) > FILMS
    _, said = trained(answered, task)
    known = said[said["truth"] != "noise"]
    assert (known["predicted"] == known["truth"]).mean() > 0.9
