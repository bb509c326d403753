"""Which addresses inside a network Label Studio may call: that of our ML backend, and no other.

Label Studio calls what its users name (imports by address, ML backends, webhooks). By default it
refuses reserved addresses, and with them a backend on the same machine or in the same network. So
its own list is replaced by one that spares just the backend's address.
"""

import ipaddress
import socket
import sys
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from backend.base.adapters.ports import reached
from backend.base.core.errors import LabelStudioError

OWN_LOOPBACK = "127.82.83.1"
"""Of this machine, like 127.0.0.1; but nothing else listens on just this one. Linux has it."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})

# Those that Label Studio 1.23.2 bans by default (`core/utils/io.py`); a test compares them.
_RESERVED = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 "
    "192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 "
    "224.0.0.0/4 233.252.0.0/24 240.0.0.0/4 255.255.255.255/32 ::/128 ::1/128 ::ffff:0:0/96 "
    "::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/32 2001:20::/28 2001:db8::/32 "
    "2002::/16 fc00::/7 fe80::/10 ff00::/8"
)


def backend_address(host: str) -> str:
    """Return where Label Studio on the same machine reaches a backend that listens on `host`."""
    if sys.platform == "linux" and host in {*_LOOPBACK, "0.0.0.0"}:
        return OWN_LOOPBACK
    return reached(host)


def also_listens_on(host: str) -> str | None:
    """Return the address, besides `host`, where Label Studio finds the backend; None: no other."""
    return OWN_LOOPBACK if host in _LOOPBACK and sys.platform == "linux" else None


def host_of(url: str) -> str:
    """Return the host of an address."""
    return urlsplit(url).hostname or "127.0.0.1"


def protection(host: str) -> Mapping[str, str]:
    """Return the settings of Label Studio that let it call one inner address only.

    Args:
        host: of the ML backend, a name or an address.

    Raises:
        LabelStudioError: nothing is known under this name.
    """
    return {
        "SSRF_PROTECTION_ENABLED": "true",
        "ML_BLOCK_LOCAL_IP": "true",
        "USE_DEFAULT_BANNED_SUBNETS": "false",
        "USER_ADDITIONAL_BANNED_SUBNETS": ",".join(banned_networks(_address(host))),
    }


def banned_networks(spared: str) -> list[str]:
    """Return the reserved networks without one address.

    >>> [net for net in banned_networks("10.0.0.1") if net.startswith("10.0.0.")]
    ['10.0.0.128/25', '10.0.0.64/26', '10.0.0.32/27', '10.0.0.16/28', '10.0.0.8/29', \
'10.0.0.4/30', '10.0.0.2/31', '10.0.0.0/32']
    """
    return [str(part) for text in _RESERVED.split() for part in _without(text, spared)]


def _without(network: str, spared: str) -> Iterable[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    whole, one = ipaddress.ip_network(network), ipaddress.ip_network(spared)
    if isinstance(whole, ipaddress.IPv4Network) and isinstance(one, ipaddress.IPv4Network):
        return whole.address_exclude(one) if one.subnet_of(whole) else [whole]
    if isinstance(whole, ipaddress.IPv6Network) and isinstance(one, ipaddress.IPv6Network):
        return whole.address_exclude(one) if one.subnet_of(whole) else [whole]
    return [whole]


def _address(host: str) -> str:
    try:
        return socket.gethostbyname(host)
    except OSError as error:
        raise LabelStudioError(
            f"the ML backend's host {host} has no address here; correct RADSIEVE_BACKEND_URL"
        ) from error
