from dataclasses import replace

import pytest

from backend.base.adapters.database import open_database
from backend.review.adapters.project_store import ProjectRecord, known_projects, record_project


@pytest.fixture
def engine(tmp_path):
    return open_database(f"sqlite:///{tmp_path / 'test.sqlite3'}")


RECORD = ProjectRecord("rotation", "sheet", "http://one", 7)


def test_a_project_is_known_under_the_address_of_its_label_studio(engine):
    record_project(engine, RECORD)
    assert known_projects(engine, "http://one") == [RECORD]
    assert known_projects(engine, "http://two") == []


def test_a_new_project_of_the_same_task_and_kind_replaces_the_old_one(engine):
    record_project(engine, RECORD)
    record_project(engine, replace(RECORD, kind="single", project_id=8))
    record_project(engine, replace(RECORD, project_id=9))
    assert [row.project_id for row in known_projects(engine, "http://one")] == [9, 8]
