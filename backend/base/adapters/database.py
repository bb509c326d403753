"""The tables: what people decided and what cannot be computed again.

SQLAlchemy Core, so that SQLite (the default) and PostgreSQL serve alike. Times are UTC in ISO 8601.
"""

import errno
import os
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Engine,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from backend.base.adapters.foreign_errors import known_cure
from backend.base.adapters.schema_version import bring_up_to_date, sqlite_file
from backend.base.core.errors import EmptyDatabaseError, RadsieveError

BUSY_MS = 30_000
"""How long SQLite waits for another program."""
schema = MetaData()

radiographs = Table(
    "radiographs",
    schema,
    Column("radiograph_id", String, primary_key=True),
    Column("thumbnail_row", Integer, nullable=False, unique=True),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("file_format", String, nullable=False),
    Column("normalisation", JSON, nullable=False, doc="what the tags made the decoder do"),
    Column("dicom_tags", JSON, nullable=False, doc="allow-listed header fields, no identifiers"),
    Column("patient_key", String, nullable=False, index=True),
    Column("patient_source", String, nullable=False, doc="metadata, dicom, study, folder or film"),
    Column("age_years", Float),
    Column("sex", String),
    Column("view_position", String),
    Column("indexed_at", String, nullable=False),
    Column("study_key", String, index=True, doc="keyed hash; empty where no study is known"),
    Column("coloured_share", Float, doc="0 to 1; empty where an earlier radsieve indexed the film"),
    Column("white_is_zero", Boolean, doc="tag of a TIFF; empty as `coloured_share` is"),
    Column("thumbnail_digest", String, doc="of its pixels; empty where nobody has looked yet"),
)

sealed_films = Table(
    "sealed_films",
    schema,
    Column("radiograph_id", ForeignKey("radiographs.radiograph_id"), primary_key=True),
    Column("patient_key", String, primary_key=True, doc="the film's patient of that time"),
    Column("sealed_at", String, nullable=False, doc="by then something was trained without it"),
)

files = Table(
    "files",
    schema,
    Column("path", String, primary_key=True),
    Column("radiograph_id", ForeignKey("radiographs.radiograph_id"), index=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("modified_ns", BigInteger, nullable=False),
    Column("problem", String, doc="why the file could not be read"),
    Column("indexed_at", String, nullable=False, doc="since when the path holds this film"),
)

labels = Table(
    "labels",
    schema,
    Column("id", Integer, primary_key=True),
    Column("radiograph_id", ForeignKey("radiographs.radiograph_id"), nullable=False, index=True),
    Column("detector_task", String, nullable=False, index=True),
    Column("label", String, nullable=False),
    Column("denied", Boolean, nullable=False),
    Column("source", String, nullable=False),
    Column("reviewer", String, nullable=False),
    Column("answered_at", String, nullable=False),
    Column("recorded_at", String, nullable=False),
    Column("annotation", String, index=True, doc="Label Studio annotation it came from"),
    Column("annotation_updated_at", String),
    Column("withdrawn_at", String, doc="replaced or deleted; rows are never removed"),
    Column("confidence", Float, doc="0 to 1; empty where its source is sure"),
    Column("evidence", String, doc="the sentence of a report that it was read from"),
)

boxes = Table(
    "boxes",
    schema,
    Column("id", Integer, primary_key=True),
    Column(
        "label_id",
        ForeignKey("labels.id"),
        nullable=False,
        index=True,
        doc="the answer it is part of: its source, reviewer, annotation and withdrawal",
    ),
    Column("label", String, nullable=False),
    Column("left", Float, nullable=False, doc="share of the film's width, as `width` is"),
    Column("top", Float, nullable=False, doc="share of the film's height, as `height` is"),
    Column("width", Float, nullable=False),
    Column("height", Float, nullable=False),
)

model_versions = Table(
    "model_versions",
    schema,
    Column("detector_task", String, primary_key=True),
    Column("model_version", String, primary_key=True),
    Column("trained_at", String, nullable=False),
    Column("reviewer_labels", Integer, nullable=False, doc="how many it was trained with"),
    Column("judgement", JSON, nullable=False, doc="against the champion, with the reason"),
)

publications = Table(
    "publications",
    schema,
    Column("id", Integer, primary_key=True),
    Column("detector_task", String, nullable=False, index=True),
    Column("model_version", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("published_at", String, nullable=False),
)

batches = Table(
    "batches",
    schema,
    Column("batch_id", Integer, primary_key=True),
    Column("detector_task", String, nullable=False, index=True),
    Column("model_version", String, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("created_at", String, nullable=False),
    Column("films", Integer, doc="in the archive then; empty: no draw was made for this batch"),
    Column("drawn_from", Integer, doc="films that the audit slice was drawn from"),
    Column("set_aside", JSON, doc="films that could not be drawn: they waited for a reviewer"),
    Column(
        "gone",
        JSON(none_as_null=True),
        doc="films of the index that had no file at the draw; empty: an earlier radsieve drew",
    ),
)

picks = Table(
    "picks",
    schema,
    Column("batch_id", ForeignKey("batches.batch_id"), primary_key=True),
    Column("radiograph_id", ForeignKey("radiographs.radiograph_id"), primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("slice", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("inclusion", Float, doc="of a film drawn at random, the chance it had"),
)

projects = Table(
    "projects",
    schema,
    Column("detector_task", String, primary_key=True),
    Column("kind", String, primary_key=True, doc="sheet or single"),
    Column("label_studio_url", String, primary_key=True),
    Column("project_id", Integer, nullable=False),
)

items = Table(
    "items",
    schema,
    Column("item_key", String, primary_key=True, doc="hash of what the item shows"),
    Column("project_id", Integer, primary_key=True),
    Column("item_id", Integer, doc="Label Studio's id; empty until it is known to be there"),
    Column("batch_id", Integer, nullable=False, index=True),
    Column("detector_task", String, nullable=False, index=True),
    Column("position", Integer, nullable=False, doc="order within the batch"),
    Column("kind", String, nullable=False),
    Column("shown_label", String, nullable=False, doc="what the sheet says its films are"),
    Column("radiograph_ids", JSON, nullable=False),
    Column("pushed_at", String),
    Column("closed_at", String, doc="reviewed, or gone from Label Studio"),
    Column("purpose", String, doc="`review.core.look.Purpose`; empty: a first look"),
    Column("shard", Integer, doc="which reviewer's tab shows it, from 1; empty: everybody's"),
    Column(
        "checks",
        JSON,
        doc="by shown id, the films whose answer is known (`review.core.look.KnownAnswer`)",
    ),
    Column("superseded_at", String, doc="a newer batch took its films; an answer still counts"),
    Column(
        "covered",
        JSON(none_as_null=True),
        doc="expected labels of the other detector tasks it answers; empty: it asks its own alone",
    ),
    Column(
        "beside",
        JSON(none_as_null=True),
        doc="by radiograph id, the film that one resembles and that is shown beside it",
    ),
)

answers = Table(
    "answers",
    schema,
    Column("id", Integer, primary_key=True),
    Column("item_key", String, nullable=False, index=True),
    Column("project_id", Integer, nullable=False),
    Column("detector_task", String, nullable=False, index=True),
    Column("annotation", String, nullable=False, index=True, doc="item key/annotation id"),
    Column("annotation_updated_at", String, nullable=False),
    Column("reviewer", String, nullable=False, doc="a pseudonym: `user N`"),
    Column("recorded_at", String, nullable=False),
    Column("lead_time_s", Float, doc="empty where nobody had the item on a screen"),
    Column("outcome", String, nullable=False, doc="`review.core.look.LookOutcome`"),
    Column("shown", JSON, nullable=False, doc="what the item showed, in order"),
    Column("called", JSON, nullable=False, doc="by shown id, the label, or `not LABEL`"),
    Column("suggested", JSON, doc="the same as pre-annotated; empty where that is not known"),
    Column("withdrawn_at", String, doc="edited or deleted in Label Studio; rows stay"),
    Column("moment", BigInteger, doc="of `pulls`, at which it was stored or withdrawn"),
)

pulls = Table(
    "pulls",
    schema,
    Column("detector_task", String, primary_key=True),
    Column("moment", BigInteger, nullable=False, doc="counts what pulls begin and write"),
    Column("ended", BigInteger, nullable=False, doc="when the last that read everything began"),
)

pictures = Table(
    "pictures",
    schema,
    Column("shown_id", String, primary_key=True, doc="the name of the two files"),
    Column("radiograph_id", ForeignKey("radiographs.radiograph_id"), nullable=False, index=True),
    Column("change", JSON, doc="`base.core.pixel_change.PixelChange` of a copy; empty: as it is"),
    Column("recipe", String, nullable=False, doc="sizes and compression asked for"),
    Column("made_at", String, nullable=False),
    Column("removed_at", String, doc="nobody had to look at it any more"),
    Column("normalisation", JSON, nullable=False, doc="what the tags made the decoder do"),
    Column("thumb_px", Integer, nullable=False, doc="longest side, as `large_px` is"),
    Column("large_px", Integer, nullable=False),
    Column("thumb_sha256", String, nullable=False, doc="of the JPEG, as `large_sha256` is"),
    Column("large_sha256", String, nullable=False),
)

ledger = Table(
    "ledger",
    schema,
    Column("seq", BigInteger, primary_key=True, autoincrement=False, doc="from 1, without gaps"),
    Column("at", String, nullable=False),
    Column("kind", String, nullable=False, index=True, doc="`base.core.ledger.EventKind`"),
    Column("detector_task", String),
    Column("radiograph_id", String, index=True, doc="empty where it tells of no single film"),
    Column("facts", JSON, nullable=False),
    Column("previous", String, nullable=False, doc="digest of the row before"),
    Column("digest", String, nullable=False, doc="SHA-256 of the rest of the row"),
)

identity = Table(
    "identity",
    schema,
    Column("part", String, primary_key=True, doc="`workspace` itself, or one of its parts"),
    Column("mark", String, nullable=False, doc="what only it has, see `base.adapters.identity`"),
)

evidence = Table(
    "evidence",
    schema,
    Column("part", String, primary_key=True, doc="`tables`"),
    Column("state", String, nullable=False, doc="`base.core.evidence.EvidenceState`, as JSON"),
    Column("proof", String, nullable=False, doc="keyed hash of the state"),
)

written_files = Table(
    "written_files",
    schema,
    Column("name", String, primary_key=True, doc="below the folder of the workspace"),
    Column("sha256", String, nullable=False),
    Column("before", String, doc="SHA-256 of the file that this one takes the place of just now"),
)


def utc_now() -> str:
    """Return the time as the tables keep it."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def open_database(url: str, *, may_make: bool = True) -> Engine:
    """Connect; an earlier database is brought up to date.

    Args:
        url: of SQLAlchemy.
        may_make: give a database without tables, or a missing SQLite file, its tables.

    Raises:
        EmptyDatabaseError: there is no table of ours, and none may be made.
        RadsieveError: the database cannot be reached or opened, or a later radsieve made it.
    """
    try:
        if not may_make:
            _refuse_lost_file(url)
        engine = create_engine(url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
        bring_up_to_date(engine, schema, may_make=may_make)
    except (SQLAlchemyError, ImportError, OSError) as error:
        if cure := _cure_of_opening(error, url):
            raise RadsieveError(f"cannot open the database: {cure}") from error
        cause = str(getattr(error, "orig", error)).splitlines()[0]
        raise RadsieveError(
            f"cannot open the database: {cause}; check RADSIEVE_DATABASE_URL, or leave it empty "
            "for SQLite in the workspace"
        ) from error
    return engine


def _cure_of_opening(error: Exception, url: str) -> str | None:
    """Return what to do; SQLite says of a folder without write access that it opens no file."""
    file = sqlite_file(make_url(url)) if isinstance(error, OperationalError) else None
    if file and file.exists() and not os.access(file, os.W_OK):
        return known_cure(OSError(errno.EROFS, ""))
    return known_cure(error)


def _refuse_lost_file(url: str) -> None:
    """Look at a plain SQLite file before SQLite makes it."""
    file = sqlite_file(make_url(url))
    if file is None:
        return
    if not file.exists():
        raise EmptyDatabaseError(f"there is no {file}")
    if not file.stat().st_size:
        raise EmptyDatabaseError(f"{file} is empty")


def _tune_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401
    # WAL lets the worker write while the backend reads; NORMAL loses nothing when a process dies.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_MS}"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA foreign_keys=ON")
