"""Files of reports."""

import pytest


@pytest.fixture
def put(tmp_path):
    """Return a function that writes a file of reports and gives its path."""

    def write(content, name="reports.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
