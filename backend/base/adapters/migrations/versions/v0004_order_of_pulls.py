"""Keep the order of pulls: a clock for each detector task, and its moment with each answer.

Answers that are there have no moment, which stands for a time before the clock: whatever a pull
reads from now on is later.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the clock and the column, where they are missing."""
    present = sa.inspect(op.get_bind())
    if not present.has_table("pulls"):
        op.create_table(
            "pulls",
            sa.Column("detector_task", sa.String(), primary_key=True),
            sa.Column("moment", sa.BigInteger(), nullable=False),
            sa.Column("ended", sa.BigInteger(), nullable=False),
        )
    if "moment" not in {column["name"] for column in present.get_columns("answers")}:
        op.add_column("answers", sa.Column("moment", sa.BigInteger()))
