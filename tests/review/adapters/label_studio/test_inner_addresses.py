import re
import sys
from importlib.metadata import distribution
from ipaddress import ip_address, ip_network

import pytest

from backend.review.adapters.label_studio.inner_addresses import (
    also_listens_on,
    backend_address,
    banned_networks,
    protection,
)

PUBLIC = "8.8.8.8"


def is_banned(address, spared):
    return any(ip_address(address) in ip_network(each) for each in banned_networks(spared))


def test_reserved_networks_are_those_that_label_studio_bans_by_default():
    path = distribution("label-studio").locate_file("label_studio/core/utils/io.py")
    text = path.read_text().split("default_banned_subnets = [")[1].split("]")[0]
    theirs = {ip_network(each) for each in re.findall(r"'([0-9a-f.:]+/\d+)'", text)}
    assert {ip_network(each) for each in banned_networks(PUBLIC)} == theirs


@pytest.mark.parametrize("spared", ["127.82.83.1", "10.1.2.3", "172.31.253.9", "fd00::7"])
def test_just_one_address_is_spared(spared):
    assert not is_banned(spared, spared)
    others = ["127.0.0.1", "10.1.2.4", "172.31.253.8", "169.254.169.254", "::1", "fd00::8"]
    assert all(is_banned(each, spared) for each in others)


@pytest.mark.skipif(sys.platform != "linux", reason="one loopback address only")
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_where_label_studio_looks_for_the_backend_it_listens(host):
    assert backend_address(host) == also_listens_on(host)


def test_protection_stays_on():
    told = protection("127.0.0.1")
    assert (told["SSRF_PROTECTION_ENABLED"], told["ML_BLOCK_LOCAL_IP"]) == ("true", "true")
