"""The compose file: read by Docker's own client where there is one, and by us everywhere."""

import os
import shutil
import subprocess
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
import yaml

from backend.base.adapters.settings import Settings
from backend.review.adapters.label_studio.inner_addresses import protection

ROOT = Path(__file__).resolve().parents[2]
GIVEN = {"RADSIEVE_LABEL_STUDIO_TOKEN": "t" * 40, "RADSIEVE_LABEL_STUDIO_PASSWORD": "a password"}


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def docker_compose(*arguments, **given):
    docker = shutil.which("docker") or pytest.skip("this machine has no docker client")
    if subprocess.run([docker, "compose", "version"], check=False, capture_output=True).returncode:
        pytest.skip("this machine's docker client has no compose plug-in")
    return subprocess.run(
        [docker, "compose", "--project-directory", str(ROOT), *arguments],
        check=False,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
    )


def test_docker_compose_accepts_the_file():
    done = docker_compose("config", "--quiet", **GIVEN)
    assert done.returncode == 0, done.stderr


def test_docker_compose_refuses_to_start_without_a_token():
    done = docker_compose("config", "--quiet", **{**GIVEN, "RADSIEVE_LABEL_STUDIO_TOKEN": ""})
    assert done.returncode != 0
    assert "openssl rand" in done.stderr


def test_no_secret_stands_in_the_file(compose):
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if any(word in name for word in ("PASSWORD", "TOKEN", "SECRET", "KEY")):
                assert str(value).startswith("${") or name.endswith("ENABLE_LEGACY_API_TOKEN")


def test_every_published_port_is_a_variable_and_stays_on_this_machine_by_default(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert all(port.startswith("${RADSIEVE_PUBLISH_ON:-127.0.0.1}:${RADSIEVE_") for port in ports)


def test_every_server_has_a_health_check_and_is_waited_for(compose):
    services = compose["services"]
    assert all("healthcheck" in services[name] for name in ("label-studio", "backend"))
    waits = services["connect"]["depends_on"]
    assert all(wait == {"condition": "service_healthy"} for wait in waits.values())
    assert set(waits) == {"label-studio", "backend"}


def test_backend_and_worker_are_told_only_settings_that_exist(compose):
    known = {f"RADSIEVE_{name.upper()}" for name in Settings.model_fields} | {"RADSIEVE_WORKSPACE"}
    for name in ("projects", "backend", "connect", "worker"):
        assert set(compose["services"][name]["environment"]) <= known


def test_label_studio_may_call_the_backend_and_no_other_inner_address(compose):
    told = compose["services"]["label-studio"]["environment"]
    address = compose["services"]["backend"]["networks"]["default"]["ipv4_address"]
    for name, value in protection(address).items():
        assert told[f"LABEL_STUDIO_{name}"] == value
    (network,) = compose["networks"]["default"]["ipam"]["config"]
    assert ip_address(address) in ip_network(network["subnet"])
    assert (told["SENTRY_DSN"], told["COLLECT_ANALYTICS"]) == ("", "0")


def test_image_is_built_from_the_lock(compose):
    recipe = compose["services"]["backend"]["build"]["dockerfile_inline"]
    assert "--require-hashes -r requirements.lock" in recipe
    assert all((ROOT / name).exists() for name in ("requirements.lock", "LICENSE", "README.md"))


def test_the_workspace_is_made_before_anything_opens_it(compose):
    first = compose["services"]["projects"]
    assert first["command"].startswith("radsieve connect ")
    assert set(first["depends_on"]) == {"label-studio"}
    waits = compose["services"]["backend"]["depends_on"]
    assert waits == {"projects": {"condition": "service_completed_successfully"}}


@pytest.mark.parametrize("name", ["label-studio", "projects", "backend", "connect", "worker"])
def test_a_container_can_write_its_data_only_and_gain_no_right(compose, name):
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] > 0 and service["mem_limit"].startswith("${RADSIEVE_MEMORY:-")
    assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & set(service)
    written = {volume.split(":")[1] for volume in service["volumes"] if not volume.endswith(":ro")}
    assert written <= {"/workspace", "/workspace/served", "/studio"}


def test_label_studio_sees_its_own_data_and_the_review_pictures(compose):
    volumes = compose["services"]["label-studio"]["volumes"]
    assert volumes == ["studio:/studio", "served:/workspace/served:ro"]


def test_every_volume_is_declared_and_belongs_to_the_user_of_the_image(compose):
    used = {
        volume.split(":")[0]
        for service in compose["services"].values()
        for volume in service["volumes"]
        if not volume.startswith("$")
    }
    assert used == set(compose["volumes"])
    recipe = compose["services"]["backend"]["build"]["dockerfile_inline"]
    assert "--owner=radsieve --mode=0700" in recipe
    assert "/workspace /workspace/served /studio" in recipe


def test_the_image_may_be_pinned_by_its_digest(compose):
    recipe = compose["services"]["backend"]["build"]["dockerfile_inline"]
    assert recipe.startswith("FROM ${RADSIEVE_PYTHON_IMAGE:-python:3.11-slim}\n")


SERVICE_KEYS = {
    *("build", "cap_drop", "command", "depends_on", "environment", "healthcheck", "image"),
    *("init", "mem_limit", "networks", "pids_limit", "ports", "read_only", "restart"),
    *("security_opt", "tmpfs", "volumes"),
}
"""Of the Compose specification, those that we use; a misspelt one would be ignored or refused."""


def test_no_key_is_misspelt(compose):
    for service in compose["services"].values():
        assert set(service) <= SERVICE_KEYS
