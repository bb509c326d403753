import pytest

from backend.archive.adapters.seal_store import note_sealed, noted_sealed
from backend.base.adapters.database import open_database, sealed_films
from benchmarks.speed.ledger_cost import add_films


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    add_films(engine, ("a", "b", "c"))
    yield engine
    engine.dispose()


def test_what_was_noted_stays_and_is_noted_once(engine):
    note_sealed(engine, [("a", "Ann"), ("b", "Bob")])
    note_sealed(engine, [("b", "Bob"), ("c", "Cid"), ("b", "Ben")])
    assert noted_sealed(engine) == {("a", "Ann"), ("b", "Bob"), ("b", "Ben"), ("c", "Cid")}


def test_a_database_of_an_earlier_radsieve_gets_the_table(tmp_path, engine):
    sealed_films.drop(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE alembic_version")
    engine.dispose()
    again = open_database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    assert noted_sealed(again) == set()
    note_sealed(again, [("a", "Ann")])
    assert noted_sealed(again) == {("a", "Ann")}
    again.dispose()
