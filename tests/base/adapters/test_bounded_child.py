import time

import pytest

from backend.base.adapters.bounded_child import ChildLimitError, run_bounded

PLENTY = {"memory_bytes": 500_000_000, "seconds": 5}


def test_a_child_gives_back_what_its_function_returns():
    assert run_bounded("zlib:compress", b"film" * 1000, **PLENTY)


def test_a_child_that_takes_too_much_memory_is_ended():
    with pytest.raises(ChildLimitError, match="more than 20 MB or 5 s, or damaged"):
        run_bounded("builtins:bytearray", b"x" * 40_000_000, memory_bytes=20_000_000, seconds=5)


def test_a_child_that_takes_too_long_is_ended():
    began = time.monotonic()
    with pytest.raises(ChildLimitError):
        # Evaluates for ever.
        run_bounded("builtins:eval", b"sum(iter(int, 1))", memory_bytes=500_000_000, seconds=1)
    assert time.monotonic() - began < 60
