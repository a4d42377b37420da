"""Connecting to the endpoints of others: the address is looked up once, judged, and that very address is connected to.

Private, reserved and metadata addresses are refused unless the endpoint itself says that it stands in a private network
(Diginetwerk). TLS is 1.2 or newer with forward secrecy. Redirects are never followed and no proxy is taken from the
environment.
"""

import asyncio
import ipaddress
import os
import socket
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, partial

import httpx

from services.runtime.outbound.transport import AiohttpTransport, AnswerTooLong
from services.runtime.process.tracing import current_traceparent

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
"""Who writes one of these means this machine, and says so."""
_FORWARD_SECRECY = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM"  # of TLS 1.2; 1.3 has nothing else
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")
"""Set apart for protocols; here a cloud keeps its metadata too, whatever Python says of the rest of it."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Uitgang:
    """How an endpoint may be reached. `ca`, `certificate` and `key` are PEM; with `ca` nobody else is trusted.

    Of an answer `most_read` bytes are read: an acknowledgement or a token takes a few.
    """

    private_network: bool = False
    ca: str | None = None
    certificate: str | None = None
    key: str | None = field(default=None, repr=False)
    at_once: int = 8
    most_read: int = 256 * 1024


class AddressRefused(OSError):
    """The name leads to an address that must not be called; the message says why."""


class UnusableCertificate(ValueError):
    """Our own certificate, its key or the authority cannot be used; the message names no content."""


def check_address(address: str, *, private_network: bool) -> str | None:
    """Why this address must not be called; None when it may."""
    judged = _plain(ipaddress.ip_address(address.partition("%")[0]))
    if judged.is_loopback or judged.is_unspecified or judged.is_multicast or judged.is_link_local:
        return "is van deze machine, van het lokale net of van de beheerlaag"
    if not _is_public(judged) and not private_network:
        return "is niet openbaar, en het register zegt niet prive_netwerk = true"
    return None


def _is_public(address: Address) -> bool:
    if address.is_reserved or address in _PROTOCOLS:
        return False
    return address.is_global and not (isinstance(address, ipaddress.IPv6Address) and address.is_site_local)


def _plain(address: Address) -> Address:
    """The IPv4 address that an IPv6 address carries, where it carries one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


async def resolve(host: str, port: int, *, private_network: bool) -> tuple[str, ...]:
    """The addresses of a host, all of them allowed. Raises `AddressRefused`, or `OSError` where there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = tuple(dict.fromkeys(str(item[4][0]) for item in found))
    if host not in LOCAL_HOSTS:
        for address in addresses:
            if (reason := check_address(address, private_network=private_network)) is not None:
                raise AddressRefused(f"het adres van {host} {reason}")
    return addresses


def open_client(uitgang: Uitgang, *, timeout_seconds: float) -> httpx.AsyncClient:
    """A client for one endpoint. Raises `UnusableCertificate`."""
    transport = AiohttpTransport(
        resolve=partial(resolve, private_network=uitgang.private_network),
        ssl_context=tls_context(uitgang),
        connections=4 * uitgang.at_once,
        most_read=uitgang.most_read,
    )
    return httpx.AsyncClient(
        transport=transport,
        follow_redirects=False,
        trust_env=False,
        timeout=timeout_seconds,
        headers={"user-agent": "houvast"},
        event_hooks={"request": [tell_trace]},
    )


async def tell_trace(request: httpx.Request) -> None:
    """What a receiver may write down beside its own lines, so that a fault is found from either side."""
    if (traceparent := current_traceparent.get()) is not None:
        request.headers["traceparent"] = traceparent


def tls_context(uitgang: Uitgang) -> ssl.SSLContext:
    """What we ask of a connection. Raises `UnusableCertificate`."""
    ordinary = uitgang.ca is None and uitgang.certificate is None
    return _ordinary_context() if ordinary else _own_context(uitgang)


@cache
def _ordinary_context() -> ssl.SSLContext:
    """For every endpoint that asks nothing special: reading the known issuers takes 40 ms and a megabyte each time."""
    return _own_context(Uitgang())


def _own_context(uitgang: Uitgang) -> ssl.SSLContext:
    try:
        context = httpx.create_ssl_context(trust_env=False) if uitgang.ca is None else _trusting(uitgang.ca)
    except (ssl.SSLError, ValueError):
        raise UnusableCertificate("de vertrouwde uitgever (ca) is geen certificaat in PEM") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_FORWARD_SECRECY)
    if uitgang.certificate is not None and uitgang.key is not None:
        try:
            _load_own(context, uitgang.certificate, uitgang.key)
        except (ssl.SSLError, ValueError):
            reason = "ons certificaat en zijn sleutel passen niet bij elkaar of zijn geen PEM"
            raise UnusableCertificate(reason) from None
    return context


def _trusting(ca: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=ca)


def _load_own(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """OpenSSL reads a certificate from a file only: one that nobody else can read and that is gone at once."""
    handle, path = tempfile.mkstemp(prefix="houvast-", suffix=".pem")
    try:
        with os.fdopen(handle, "w", encoding="ascii", errors="replace") as file:
            file.write(f"{certificate.strip()}\n{key.strip()}\n")
        context.load_cert_chain(path)
    finally:
        os.unlink(path)  # noqa: PTH108  the handle came from os as well


_CERTIFICATE_REASONS = (
    ("certificate has expired", "het certificaat van de ontvanger is verlopen"),
    ("not yet valid", "het certificaat van de ontvanger is nog niet geldig"),
    ("mismatch", "het certificaat van de ontvanger is voor een andere naam"),
    ("not valid for", "het certificaat van de ontvanger is voor een andere naam"),
    ("self-signed", "het certificaat van de ontvanger is niet uitgegeven door wie wij vertrouwen"),
    ("self signed", "het certificaat van de ontvanger is niet uitgegeven door wie wij vertrouwen"),
    ("unable to get", "het certificaat van de ontvanger is niet uitgegeven door wie wij vertrouwen"),
)


def is_our_refusal(error: BaseException) -> bool:
    """Whether it was an address that we do not call."""
    return any(isinstance(cause, AddressRefused) for cause in _causes(error))


_TLS_REASONS = (
    ("CERTIFICATE_REQUIRED", "de ontvanger vraagt een certificaat van ons (mTLS), en kreeg er geen"),
    ("ALERT_UNKNOWN_CA", "de ontvanger vertrouwt de uitgever van ons certificaat (mTLS) niet"),
    ("ALERT_CERTIFICATE_EXPIRED", "ons certificaat (mTLS) is verlopen"),
    ("ALERT_CERTIFICATE_REVOKED", "ons certificaat (mTLS) is ingetrokken"),
    ("ALERT_BAD_CERTIFICATE", "de ontvanger aanvaardt ons certificaat (mTLS) niet"),
    ("ALERT_CERTIFICATE_UNKNOWN", "de ontvanger aanvaardt ons certificaat (mTLS) niet"),
    ("WRONG_VERSION_NUMBER", "op deze poort wordt geen TLS gesproken"),
    ("ALERT_PROTOCOL_VERSION", "de ontvanger spreekt geen TLS 1.2 of nieuwer"),
    ("UNSUPPORTED_PROTOCOL", "de ontvanger spreekt geen TLS 1.2 of nieuwer"),
)
"""What OpenSSL calls it, and what it means."""


def describe_failure(error: BaseException) -> str:
    """Why a connection failed, in a sentence for people; nothing of what was sent or received."""
    known = (reason for cause in _causes(error) if (reason := _about(cause)) is not None)
    return next(known, f"niet te bereiken ({type(error).__name__})")


def _about(cause: BaseException) -> str | None:  # noqa: PLR0911  a table of causes
    match cause:
        case AddressRefused() | AnswerTooLong():
            return str(cause)
        case ssl.SSLCertVerificationError():
            return _about_certificate(cause)
        case ssl.SSLError():
            return _about_tls(cause)
        case socket.gaierror():
            return "de naam is niet bekend in DNS"
        case ConnectionRefusedError():
            return "de verbinding is geweigerd: op dat adres luistert niemand"
        case httpx.RemoteProtocolError() | ConnectionError() | EOFError():
            return "de ontvanger brak de verbinding af voordat het antwoord compleet was"
        case httpx.TimeoutException() | TimeoutError():
            return "de ontvanger zweeg te lang"
        case _:
            return None


def _about_tls(error: ssl.SSLError) -> str:
    told = error.reason or "TLS"
    known = (reason for part, reason in _TLS_REASONS if part in told)
    return next(known, f"de beveiligde verbinding kwam niet tot stand ({told})")


def _about_certificate(error: ssl.SSLCertVerificationError) -> str:
    told = error.verify_message.lower()
    known = (reason for part, reason in _CERTIFICATE_REASONS if part in told)
    return next(known, f"het certificaat van de ontvanger is niet te vertrouwen ({error.verify_message})")


def _causes(error: BaseException | None) -> Iterable[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
