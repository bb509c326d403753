"""The audit of packages tells of weaknesses, and is left out with a reason where it cannot ask."""

import json

import pytest

from scripts._audit import LOCK, audit

WEAK = {
    "dependencies": [
        {"name": "good", "version": "1", "vulns": []},
        {"name": "weak", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]},
    ]
}


@pytest.fixture
def pip_audit(tmp_path):
    """Return a function that makes a program which prints this, as pip-audit does."""

    def make(printed, code):
        program = tmp_path / "pip-audit"
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{printed}\nEND\nexit {code}\n")
        program.chmod(0o700)
        return str(program)

    return make


def test_a_known_weakness_is_named_with_what_mends_it(pip_audit):
    assert audit(LOCK, pip_audit(json.dumps(WEAK), 1)) == (1, "weak 2: PYSEC-1; mended in 3")


def test_where_nothing_is_known_that_is_said(pip_audit):
    nothing = {"dependencies": WEAK["dependencies"][:1]}
    assert audit(LOCK, pip_audit(json.dumps(nothing), 0)) == (
        0,
        "1 packages have no known weakness",
    )


def test_without_program_or_network_the_audit_is_left_out(pip_audit):
    code, said = audit(LOCK, "no-such-pip-audit")
    assert (code, said[:15]) == (0, "audit left out:")
    code, said = audit(LOCK, pip_audit("", 1))
    assert (code, said[:15]) == (0, "audit left out:")
