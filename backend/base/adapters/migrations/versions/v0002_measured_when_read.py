"""Keep what is measured while a film is read: columns of their own for what was only in sentences.

The columns of films that are there stay empty: `archive/adapters/earlier_steps.py` reads their
sentences, so that nothing has to be indexed again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns that are missing."""
    present = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("radiographs")}
    for column in (
        sa.Column("coloured_share", sa.Float()),
        sa.Column("white_is_zero", sa.Boolean()),
    ):
        if column.name not in present:
            op.add_column("radiographs", column)
