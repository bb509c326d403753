"""Where doctests are looked for: in code that holds an example, for looking takes a while."""

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path):
    collectors = yield
    return [
        collector
        for collector in collectors
        if type(collector) is pytest.Module or ">>>" in file_path.read_text()
    ]
