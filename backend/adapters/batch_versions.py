"""Which model version each review batch was chosen with."""

from sqlalchemy import Engine, select

from backend.adapters.database import batches


def batch_versions(engine: Engine, detector_task: str) -> dict[int, str]:
    """Return the model version by batch number, in the order made."""
    query = (
        select(batches.c.batch_id, batches.c.model_version)
        .where(batches.c.detector_task == detector_task)
        .order_by(batches.c.batch_id)
    )
    with engine.connect() as connection:
        return {row.batch_id: row.model_version for row in connection.execute(query)}
