"""Keep what the ledger says of tables, files and thumbnails: evidence could be changed unseen.

The tables stay empty here, and so does the column: what the tables hold is recorded by the first
change that is made with this schema, and thumbnails are looked at by the next `radsieve index`.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables and the column, where they are missing."""
    present = sa.inspect(op.get_bind())
    if not present.has_table("evidence"):
        op.create_table(
            "evidence",
            sa.Column("part", sa.String(), primary_key=True),
            sa.Column("state", sa.String(), nullable=False),
            sa.Column("proof", sa.String(), nullable=False),
        )
    if not present.has_table("written_files"):
        op.create_table(
            "written_files",
            sa.Column("name", sa.String(), primary_key=True),
            sa.Column("sha256", sa.String(), nullable=False),
            sa.Column("before", sa.String()),
        )
    columns = {column["name"] for column in present.get_columns("radiographs")}
    if "thumbnail_digest" not in columns:
        op.add_column("radiographs", sa.Column("thumbnail_digest", sa.String()))
