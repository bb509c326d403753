import json
from dataclasses import replace

import pytest
import requests

from backend.review.adapters.label_studio.check import Wanted, check_label_studio
from backend.review.adapters.label_studio.client import LabelStudio

pytestmark = pytest.mark.studio


@pytest.fixture
def wanted(studio):
    return Wanted("http://127.0.0.1:9090", studio.document_root / "review")


def project_titles(studio):
    answer = requests.get(
        f"{studio.url}/api/projects/",
        headers={"Authorization": f"Token {studio.token}"},
        timeout=30,
    )
    return [project["title"] for project in answer.json()["results"]]


def test_a_label_studio_as_we_start_it_passes_every_check(studio, wanted):
    findings = check_label_studio(studio.client, wanted)
    assert [finding.ok for finding in findings] == [True] * 5
    assert not any(finding.fix for finding in findings)


def test_checking_leaves_nothing_behind(studio, wanted):
    check_label_studio(studio.client, wanted)
    assert list(wanted.pictures.iterdir()) == []
    assert not [title for title in project_titles(studio) if "check" in title]


def test_a_folder_that_label_studio_cannot_see_is_named_with_what_to_mount(studio, wanted):
    elsewhere = studio.document_root.parent / "elsewhere" / "review"
    finding = check_label_studio(studio.client, replace(wanted, pictures=elsewhere))[-1]
    assert not finding.ok
    assert f"LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT={elsewhere.parent}" in finding.fix
    assert f"{elsewhere.parent}:{elsewhere.parent}:ro" in finding.fix


def test_a_wrong_token_ends_the_check(studio, wanted):
    findings = check_label_studio(LabelStudio(studio.url, "f" * 40), wanted)
    assert [finding.ok for finding in findings] == [True, False]
    assert "personal access token" in findings[-1].fix


def test_a_label_studio_that_does_not_run_ends_the_check(wanted, free_port):
    findings = check_label_studio(LabelStudio(f"http://127.0.0.1:{free_port()}", "t"), wanted)
    assert [finding.ok for finding in findings] == [False]


@pytest.mark.slow
def test_a_label_studio_with_its_default_settings_gets_every_variable_to_set(start_studio, wanted):
    defaults = {
        "LABEL_STUDIO_SSRF_PROTECTION_ENABLED": "true",
        "LABEL_STUDIO_ML_BLOCK_LOCAL_IP": "true",
        "LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS": "true",
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "false",
    }
    with start_studio(**defaults) as strict:
        findings = check_label_studio(strict.client, wanted)
        assert project_titles(strict) == []
    fixes = json.dumps([finding.fix for finding in findings])
    assert [finding.ok for finding in findings] == [True, True, False, True, False]
    for line in (
        "LABEL_STUDIO_SSRF_PROTECTION_ENABLED=true",
        "LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS=false",
        "LABEL_STUDIO_USER_ADDITIONAL_BANNED_SUBNETS=0.0.0.0/8,10.0.0.0/8,",
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED=true",
    ):
        assert line in fixes
