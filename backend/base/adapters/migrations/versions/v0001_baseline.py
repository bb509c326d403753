"""Baseline: the tables as they were when migrations began, on 2026-11-30.

A workspace that is older has no stamp, and may lack tables, indexes and columns that may be empty:
those are added. Nothing is ever changed here: what comes later is a revision of its own.
"""

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    inspect,
)

revision = "0001"
down_revision = None

_baseline = MetaData()

Table(
    "radiographs",
    _baseline,
    Column("radiograph_id", String, primary_key=True),
    Column("thumbnail_row", Integer, nullable=False, unique=True),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("file_format", String, nullable=False),
    Column("normalisation", JSON, nullable=False),
    Column("dicom_tags", JSON, nullable=False),
    Column("patient_key", String, nullable=False, index=True),
    Column("patient_source", String, nullable=False),
    Column("age_years", Float),
    Column("sex", String),
    Column("view_position", String),
    Column("indexed_at", String, nullable=False),
    Column("study_key", String, index=True),
)

Table(
    "sealed_films",
    _baseline,
    Column("radiograph_id", ForeignKey("radiographs.radiograph_id"), primary_key=True),
    Column("patient_key", String, primary_key=True),
    Column("sealed_at", String, nullable=False),
)

Table(
    "files",
    _baseline,
    Column("path", String, primary_key=True),
    Column("radiograph_id", ForeignKey("radiographs.radiograph_id"), index=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("modified_ns", BigInteger, nullable=False),
    Column("problem", String),
    Column("indexed_at", String, nullable=False),
)

Table(
    "labels",
    _baseline,
    Column("id", Integer, primary_key=True),
    Column("radiograph_id", ForeignKey("radiographs.radiograph_id"), nullable=False, index=True),
    Column("detector_task", String, nullable=False, index=True),
    Column("label", String, nullable=False),
    Column("denied", Boolean, nullable=False),
    Column("source", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("answered_at", String, nullable=False),
    Column("recorded_at", String, nullable=False),
    Column("annotation", String, index=True),
    Column("annotation_updated_at", String),
    Column("withdrawn_at", String),
    Column("confidence", Float),
    Column("evidence", String),
)

Table(
    "boxes",
    _baseline,
    Column("id", Integer, primary_key=True),
    Column(
        "label_id",
        ForeignKey("labels.id"),
        nullable=False,
        index=True,
    ),
    Column("label", String, nullable=False),
    Column("left", Float, nullable=False),
    Column("top", Float, nullable=False),
    Column("width", Float, nullable=False),
    Column("height", Float, nullable=False),
)

Table(
    "model_versions",
    _baseline,
    Column("detector_task", String, primary_key=True),
    Column("model_version", String, primary_key=True),
    Column("trained_at", String, nullable=False),
    Column("reviewer_labels", Integer, nullable=False),
    Column("judgement", JSON, nullable=False),
)

Table(
    "publications",
    _baseline,
    Column("id", Integer, primary_key=True),
    Column("detector_task", String, nullable=False, index=True),
    Column("model_version", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("published_at", String, nullable=False),
)

Table(
    "batches",
    _baseline,
    Column("batch_id", Integer, primary_key=True),
    Column("detector_task", String, nullable=False, index=True),
    Column("model_version", String, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("created_at", String, nullable=False),
    Column("films", Integer),
    Column("drawn_from", Integer),
    Column("set_aside", JSON),
    Column(
        "gone",
        JSON(none_as_null=True),
    ),
)

Table(
    "picks",
    _baseline,
    Column("batch_id", ForeignKey("batches.batch_id"), primary_key=True),
    Column("radiograph_id", ForeignKey("radiographs.radiograph_id"), primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("slice", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("inclusion", Float),
)

Table(
    "projects",
    _baseline,
    Column("detector_task", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("label_studio_url", String, primary_key=True),
    Column("project_id", Integer, nullable=False),
)

Table(
    "items",
    _baseline,
    Column("item_key", String, primary_key=True),
    Column("project_id", Integer, primary_key=True),
    Column("item_id", Integer),
    Column("batch_id", Integer, nullable=False, index=True),
    Column("detector_task", String, nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("shown_label", String, nullable=False),
    Column("radiograph_ids", JSON, nullable=False),
    Column("pushed_at", String),
    Column("closed_at", String),
    Column("purpose", String),
    Column("shard", Integer),
    Column("checks", JSON),
    Column("superseded_at", String),
    Column(
        "covered",
        JSON(none_as_null=True),
    ),
)

Table(
    "answers",
    _baseline,
    Column("id", Integer, primary_key=True),
    Column("item_key", String, nullable=False, index=True),
    Column("project_id", Integer, nullable=False),
    Column("detector_task", String, nullable=False, index=True),
    Column("annotation", String, nullable=False, index=True),
    Column("annotation_updated_at", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("recorded_at", String, nullable=False),
    Column("lead_time_s", Float),
    Column("outcome", String, nullable=False),
    Column("shown", JSON, nullable=False),
    Column("called", JSON, nullable=False),
    Column("suggested", JSON),
    Column("withdrawn_at", String),
)

Table(
    "pictures",
    _baseline,
    Column("shown_id", String, primary_key=True),
    Column("radiograph_id", ForeignKey("radiographs.radiograph_id"), nullable=False, index=True),
    Column("change", JSON),
    Column("recipe", String, nullable=False),
    Column("made_at", String, nullable=False),
    Column("removed_at", String),
    Column("normalisation", JSON, nullable=False),
    Column("thumb_px", Integer, nullable=False),
    Column("large_px", Integer, nullable=False),
    Column("thumb_sha256", String, nullable=False),
    Column("large_sha256", String, nullable=False),
)

Table(
    "ledger",
    _baseline,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", String, nullable=False),
    Column("kind", String, nullable=False, index=True),
    Column("detector_task", String),
    Column("radiograph_id", String, index=True),
    Column("facts", JSON, nullable=False),
    Column("previous", String, nullable=False),
    Column("digest", String, nullable=False),
)


def upgrade() -> None:
    """Make what is missing."""
    connection = op.get_bind()
    _baseline.create_all(connection)
    for table in _baseline.sorted_tables:
        _add_missing_columns(connection, table)
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _add_missing_columns(connection: Connection, table: Table) -> None:
    present = {column["name"] for column in inspect(connection).get_columns(table.name)}
    for column in table.columns:
        if column.name not in present and column.nullable:
            op.add_column(table.name, Column(column.name, column.type))
