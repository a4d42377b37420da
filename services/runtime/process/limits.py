"""How much one caller may ask of a process, and who a caller is: the peer, or whom a trusted proxy says it speaks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests per second for one token and for one address without a valid token, and connections of one address."""

    per_token: float = 100
    per_address: float = 50
    connections: int = 256
    trusted_proxies: tuple[Network, ...] = ()


def parse_networks(value: object) -> object:
    """Addresses and networks, by commas. Raises `ValueError` for what is none."""
    if not isinstance(value, str):
        return value
    try:
        return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
    except ValueError:
        raise ValueError("moeten adressen of netwerken zijn, met komma's ertussen: 10.0.0.5,10.1.0.0/24") from None


def is_trusted(address: str, trusted: Iterable[Network]) -> bool:
    """Whether this is one of our own proxies. What is no address is not."""
    try:
        judged = ip_address(address)
    except ValueError:
        return False
    return any(judged in network for network in trusted)


def caller_address(peer: str, forwarded_for: str, trusted: tuple[Network, ...]) -> str:
    """The last address that no proxy of ours has; of `X-Forwarded-For` only what a trusted proxy wrote is believed.

    An IPv6 address counts as its network of 64 bits: whoever has one has them all.
    """
    address = peer
    if trusted:
        hops = [hop.strip() for hop in forwarded_for.split(",")] if forwarded_for else []
        while hops and is_trusted(address, trusted) and _is_address(hops[-1]):
            address = hops.pop()
    return _site(address) if ":" in address else address


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _site(address: str) -> str:
    judged = IPv6Address(address)
    if judged.ipv4_mapped is not None:
        return str(judged.ipv4_mapped)
    return str(IPv6Network((int(judged) >> 64 << 64, 64)))
