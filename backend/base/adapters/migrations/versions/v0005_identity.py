"""Keep which secrets, thumbnails and ledger belong to the database: a lost file was not noticed.

The table stays empty here: a workspace gets its identity when it is opened, once its parts were
seen to belong together.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table, unless an earlier revision made it with all tables of the code."""
    if sa.inspect(op.get_bind()).has_table("identity"):
        return
    op.create_table(
        "identity",
        sa.Column("part", sa.String(), primary_key=True),
        sa.Column("mark", sa.String(), nullable=False),
    )
