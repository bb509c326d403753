"""Keep which film an item shows beside which of its films; items that are there show none."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column that is missing."""
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("items")}
    if "beside" not in present:
        op.add_column("items", sa.Column("beside", sa.JSON()))
