"""A detector learnt from answers, on phantoms: films lying on their side stand for laterals."""

import pytest
from shared_fixtures.lying_films import FILMS, answers, name_of, trained
from shared_fixtures.workspaces import copied

from backend.archive.adapters.catalogue import films
from backend.base.core.errors import NotEnoughFilmsError
from backend.detectors.loop.train import train
from backend.detectors.loop.training.answered_films import answered_films
from backend.labels.core.labels import Slice, verdicts
from backend.review.loop.rank import rank

pytestmark = pytest.mark.trains


@pytest.fixture(scope="module")
def taught(indexed, task, tmp_path_factory):
    """A workspace in which all answers were learnt from, what that gave, and what it predicts."""
    root = tmp_path_factory.mktemp("taught") / "workspace"
    workspace = copied(indexed.root, root)
    return workspace, *trained(workspace, task, extra_labels=answers(workspace))


def test_answers_teach_a_detector_and_what_nobody_labelled_is_caught(taught):
    _, result, said = taught
    known = said[said["truth"] != "noise"]
    assert (known["predicted"] == known["truth"]).mean() > 0.9
    assert set(said.loc[said["truth"] == "noise", "predicted"]) == {"other"}
    assert result.model_version.startswith("head-")
    assert result.metrics["judged_on"].startswith("too few sealed films")
    assert result.metrics["training"]["films_by_label"]["other"] == 0


def test_positives_alone_are_enough_since_most_of_an_archive_is_as_expected(answered, task):
    result, said = trained(answered, task, extra_labels=answers(answered, kinds=("lateral",)))
    frontal = said[said["truth"] == "frontal"]
    assert (said.loc[said["truth"] == "lateral", "predicted"] == "lateral").mean() > 0.8
    assert (frontal["predicted"] == "frontal").mean() > 0.8
    assert result.metrics["training"]["assumed_films"] > 0


def test_sealed_patients_are_never_learnt_from(answered, task):
    known = verdicts(answers(answered), task)
    training, sealed = answered_films(answered.database, answered.seal_terms, task, known)
    assert len(sealed)
    assert not set(training.patients) & set(sealed.patients)
    assert len(training) + len(sealed) == FILMS


def test_the_same_answers_are_not_trained_on_twice(taught, task):
    workspace, first, _ = taught
    again = train(workspace, task, extra_labels=answers(workspace))
    assert (first.reused, again.reused) == (False, True)
    assert first.model_version == again.model_version


def test_a_handful_of_answers_is_refused_with_what_is_missing(answered, task):
    few = answers(answered, kinds=("lateral",))[:3]
    with pytest.raises(NotEnoughFilmsError, match=r"expected 5 films.*, [0-3] lateral"):
        train(answered, task, extra_labels=few)


def test_before_anything_is_learnt_the_strangest_films_come_first(answered, task):
    picks = rank(answered, task, count=12, seed=1)
    assert {pick.slice for pick in picks} == {Slice.OUTLIER, Slice.AUDIT}
    names = {film.radiograph_id: name_of(film) for film in films(answered.database)}
    first = [names[pick.radiograph_id] for pick in picks if pick.slice is Slice.OUTLIER]
    assert first.count("frontal") < len(first) / 2
