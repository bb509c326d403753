import pytest

from backend.base.adapters.database import open_database
from backend.base.core.errors import NothingPublishedError, RadsieveError, TaskDefinitionError
from backend.detectors.adapters.versions.registry import (
    COLD_START,
    publication_history,
    published_version,
    record_publication,
    register_version,
    require_published,
    version_in_use,
    versions,
)
from tasks import load_detector_tasks


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    yield engine
    engine.dispose()


def test_nothing_is_published_at_first(engine):
    assert published_version(engine, "rotation") is None
    with pytest.raises(NothingPublishedError, match="radsieve train rotation"):
        require_published(engine, load_detector_tasks()["rotation"])


def test_what_to_do_first_is_told_by_kind(engine):
    tasks = load_detector_tasks()
    with pytest.raises(NothingPublishedError, match="run `radsieve rules quality`"):
        require_published(engine, tasks["quality"])
    with pytest.raises(TaskDefinitionError, match="nothing to rank"):
        version_in_use(engine, tasks["age"])
    assert version_in_use(engine, tasks["metal_implant"]) == COLD_START


def test_the_last_publication_counts_and_the_history_stays(engine):
    for version in ("v1", "v2", "v1"):
        record_publication(engine, "rotation", version, reason="test")
    record_publication(engine, "inversion", "v9", reason="test")
    assert published_version(engine, "rotation") == "v1"
    assert [one.model_version for one in publication_history(engine, "rotation")] == [
        "v1",
        "v2",
        "v1",
    ]


def test_registering_a_version_twice_keeps_the_first_judgement(engine):
    for reason in ("first", "second"):
        register_version(engine, "rotation", "v1", reviewer_labels=3, judgement={"reason": reason})
    (version,) = versions(engine, "rotation")
    assert version.judgement == {"reason": "first"}
    assert version.reviewer_labels == 3


def test_a_database_that_cannot_be_reached_is_one_clear_line():
    with pytest.raises(RadsieveError, match="RADSIEVE_DATABASE_URL") as raised:
        open_database("sqlite:////no/such/folder/x.sqlite3")
    assert "\n" not in str(raised.value)
