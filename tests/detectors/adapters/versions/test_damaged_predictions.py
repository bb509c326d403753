"""A damaged file of predictions is set aside, and what was in it is predicted again."""

import os
import resource

import numpy as np
import pytest

from backend.base.core.errors import RadsieveError
from backend.detectors.adapters.versions.predictions import PredictionFile

LABELS = ("normal", "inverted")
IDS = [f"{number:020x}" for number in range(50)]


@pytest.fixture
def file(tmp_path):
    written = PredictionFile(tmp_path, "inversion", "v1")
    answers = np.random.default_rng(0).dirichlet((1, 1), len(IDS)).astype(np.float32)
    written.write_part(IDS, LABELS, answers)
    written.join()
    assert written.known_ids() == set(IDS)
    return written


def halved(content):
    return content[: len(content) // 2]


def with_other_bytes(content):
    return content[:200] + bytes(byte ^ 0xFF for byte in content[200:260]) + content[260:]


def emptied(_content):
    return b""


@pytest.mark.parametrize("damage", [halved, with_other_bytes, emptied])
def test_what_reads_it_says_how_to_make_it_again(file, damage):
    file.path.write_bytes(damage(file.path.read_bytes()))
    with pytest.raises(RadsieveError, match="make them again with `radsieve sweep inversion`"):
        file.load()
    assert [path.suffix for path in file.path.parent.iterdir()] == [".damaged"]


@pytest.mark.parametrize("damage", [halved, with_other_bytes, emptied])
def test_a_sweep_knows_nothing_of_what_was_in_it(file, damage):
    file.path.write_bytes(damage(file.path.read_bytes()))
    assert file.known_ids() == set()


def test_a_fault_of_the_machine_sets_no_file_aside(file):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    next_number = os.dup(0)
    os.close(next_number)
    resource.setrlimit(resource.RLIMIT_NOFILE, (next_number, before[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            file.load()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert file.known_ids() == set(IDS)
