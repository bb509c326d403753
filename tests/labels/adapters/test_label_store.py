from dataclasses import replace

import pytest
from shared_fixtures.kept_answers import add_labels, replace_annotation, withdraw_annotation
from sqlalchemy import insert, text

from backend.base.adapters.database import open_database, radiographs, utc_now
from backend.labels.adapters.label_store import (
    AnnotationVersion,
    label_history,
    live_annotations,
    replace_labels,
    report_evidence,
    standing_labels,
)
from backend.labels.core.box import Box, LabelledBox
from backend.labels.core.labels import GIVEN_BY_RULES, Label, LabelSource

FIRST = AnnotationVersion("sheet/1", "2026-01-01T10:00")
EDITED = AnnotationVersion("sheet/1", "2026-01-01T11:00")


def label(film, text="inverted", source=LabelSource.REVIEWER):
    by = {"rule": "r1"} if source in GIVEN_BY_RULES else {"reviewer": "user 1"}
    return Label(film, "inversion", text, source, "2026-01-01T10:00", **by)


@pytest.fixture
def engine(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    with engine.begin() as connection:
        for row, film in enumerate(("a", "b")):
            connection.execute(
                insert(radiographs).values(
                    radiograph_id=film,
                    thumbnail_row=row,
                    width_px=9,
                    height_px=9,
                    file_format="PNG",
                    normalisation=[],
                    dicom_tags={},
                    patient_key="p",
                    patient_source="film",
                    indexed_at=utc_now(),
                )
            )
    yield engine
    engine.dispose()


def test_reading_the_same_state_of_an_annotation_again_changes_nothing(engine):
    replace_annotation(engine, FIRST, [label("a"), label("b")])
    replace_annotation(engine, FIRST, [label("a"), label("b")])
    assert len(label_history(engine, "inversion", "a")) == 1
    assert len(standing_labels(engine, "inversion")) == 2


def test_an_edited_annotation_replaces_its_labels_and_keeps_the_old_ones_on_record(engine):
    replace_annotation(engine, FIRST, [label("a")])
    replace_annotation(engine, EDITED, [label("a", "normal")])
    assert [one.label for one in standing_labels(engine, "inversion")] == ["normal"]
    history = label_history(engine, "inversion", "a")
    assert [(one.label.label, one.withdrawn_at is None) for one in history] == [
        ("inverted", False),
        ("normal", True),
    ]


def test_what_an_edit_leaves_as_it_was_keeps_its_time(engine):
    def at(hour, film, text):
        return replace(label(film, text), answered_at=f"2026-01-01T{hour}:00")

    replace_annotation(engine, FIRST, [at(10, "a", "inverted"), at(10, "b", "inverted")])
    replace_annotation(engine, EDITED, [at(11, "a", "inverted"), at(11, "b", "normal")])
    assert set(standing_labels(engine, "inversion")) == {
        at(10, "a", "inverted"),
        at(11, "b", "normal"),
    }


def test_a_withdrawn_annotation_is_live_no_more_and_may_come_back(engine):
    replace_annotation(engine, FIRST, [label("a")])
    assert live_annotations(engine, "inversion") == {"sheet/1"}
    assert withdraw_annotation(engine, "sheet/1") == 1
    assert live_annotations(engine, "inversion") == set()
    replace_annotation(engine, FIRST, [label("a")])
    assert live_annotations(engine, "inversion") == {"sheet/1"}


def test_a_rule_stands_in_the_column_of_the_reviewer_as_it_always_did(engine):
    """Workspaces of earlier versions have one column for both; the source tells which it holds."""
    add_labels(engine, [label("a"), label("b", source=LabelSource.REPORT)])
    with engine.connect() as connection:
        rows = connection.execute(text("select reviewer from labels order by id")).scalars().all()
    assert rows == ["user 1", "r1"]
    read = standing_labels(engine, "inversion")
    assert [(one.reviewer, one.rule) for one in read] == [("user 1", ""), ("", "r1")]


def test_a_film_that_is_not_indexed_cannot_be_labelled_and_nothing_is_half_written(engine):
    with pytest.raises(Exception, match="FOREIGN KEY"):
        replace_annotation(engine, FIRST, [label("a"), label("stranger")])
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from labels")).scalar() == 0


def test_the_boxes_of_an_answer_are_kept_with_it_and_go_with_it(engine):
    drawn = (
        LabelledBox("one", Box(0.1, 0.2, 0.3, 0.4)),
        LabelledBox("two", Box(0.5, 0.2, 0.3, 0.4)),
    )
    answer = replace(label("a"), boxes=drawn)
    replace_annotation(engine, FIRST, [answer])
    replace_annotation(engine, FIRST, [answer])
    assert standing_labels(engine, "inversion") == [answer]
    moved = replace(answer, boxes=drawn[:1])
    replace_annotation(engine, EDITED, [moved])
    assert standing_labels(engine, "inversion") == [moved]
    history = label_history(engine, "inversion", "a")
    assert [record.label.boxes for record in history] == [drawn, drawn[:1]]
    withdraw_annotation(engine, FIRST.annotation)
    assert standing_labels(engine, "inversion") == []


def test_an_unsure_label_stays_as_unsure(engine):
    mined = replace(label("a", source=LabelSource.REPORT), confidence=0.8)
    add_labels(engine, [mined, label("b")])
    assert [one.confidence for one in standing_labels(engine, "inversion")] == [0.8, 1.0]


def test_a_database_from_before_labels_could_be_unsure_is_brought_up_to_date(engine):
    add_labels(engine, [label("a")])
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE labels DROP COLUMN confidence"))
        connection.execute(text("DROP TABLE alembic_version"))
    again = open_database(str(engine.url))
    assert standing_labels(again, "inversion") == [label("a")]
    again.dispose()


def report_label(film, evidence, text="inverted"):
    return replace(label(film, text, LabelSource.REPORT), evidence=evidence)


def test_other_words_for_the_same_label_are_taken_over_and_add_no_label(engine):
    replace_labels(engine, "inversion", LabelSource.REPORT, [report_label("a", "Old words.")])
    again = [report_label("a", "New words.")]
    changes = replace_labels(engine, "inversion", LabelSource.REPORT, again)
    assert (changes.added, changes.withdrawn) == (0, 0)
    assert report_evidence(engine, "inversion", "a") == "New words."
    (standing,) = standing_labels(engine, "inversion")
    assert standing.evidence == "New words."
    assert len(label_history(engine, "inversion", "a")) == 1


def test_words_that_are_taken_away_are_gone(engine):
    replace_labels(engine, "inversion", LabelSource.REPORT, [report_label("a", "Words.")])
    replace_labels(engine, "inversion", LabelSource.REPORT, [report_label("a", "")])
    assert report_evidence(engine, "inversion", "a") == ""


def test_only_a_report_label_that_stands_has_words(engine):
    replace_labels(engine, "inversion", LabelSource.REPORT, [report_label("a", "Words.")])
    add_labels(engine, [replace(label("b"), evidence="A person's.")])
    assert report_evidence(engine, "inversion", "b") == ""
    assert report_evidence(engine, "rotation", "a") == ""
    replace_labels(engine, "inversion", LabelSource.REPORT, [])
    assert report_evidence(engine, "inversion", "a") == ""


def test_a_label_with_other_words_is_the_same_and_stored_once(engine):
    assert add_labels(engine, [report_label("a", "Words.")]) == 1
    assert add_labels(engine, [report_label("a", "Other words.")]) == 0
    assert "Words" not in repr(report_label("a", "Words."))
