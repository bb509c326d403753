import io

import pytest

from scripts import _live_line


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    times = iter(range(0, 10_000, 20))
    monkeypatch.setattr(_live_line.time, "monotonic", lambda: next(times))


def shown(monkeypatch, stream, lines):
    monkeypatch.setattr("sys.stdout", stream)
    with _live_line.live_line() as line:
        for text in lines:
            line.show(text)
    return stream.getvalue()


def test_on_a_terminal_each_line_replaces_the_one_before(monkeypatch):
    text = shown(monkeypatch, Terminal(), ["2 sheets wait", "1 sheet waits"])
    assert text.count("\r") == 2
    assert text.endswith("1 sheet waits\033[K\n")


def test_into_a_file_a_changed_line_is_written_once_a_minute_at_most(monkeypatch, clock):
    lines = ["a", "a", "b", "c", "d", "d", "d", "d"]
    assert shown(monkeypatch, io.StringIO(), lines).splitlines() == ["a", "d"]
