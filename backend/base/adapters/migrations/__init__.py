"""Migrations: how the schema of a database came to be, one revision after the other, by Alembic.

Forwards only: the way back is a copy of the workspace. A new revision is written by
`make migration MESSAGE="what changes"`; it must say what becomes of the rows that are there.
"""

HEAD = "0006"
"""Revision of the schema of this code. Kept here so that opening a workspace needs no Alembic."""
