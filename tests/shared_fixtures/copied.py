"""Copies of films that lie in no archive."""

from backend.archive.core.identity import radiograph_id
from backend.export.adapters import copies


def write_corrected_copy(source, target, *how):
    """Write a copy of a file as it is now, as if it had just been indexed."""
    indexed = copies.IndexedFile(radiograph_id(source.read_bytes()), str(source))
    copies.write_corrected_copy(indexed, target, *how)
