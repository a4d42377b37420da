"""An endpoint that is not polite: a raw HTTP server, with or without TLS, that answers whatever a test says."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[["Vraag", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Vraag:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes
    certificate: dict[str, object] | None = None
    method: str = "POST"


@dataclass(slots=True)
class Ontvanger:
    """Where it listens, and what came. `answer` may be changed on the way."""

    answer: Answer
    port: int = 0
    asked: list[Vraag] = field(default_factory=list[Vraag])

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                while True:
                    await self._answer_one(reader, writer)
        finally:
            writer.transport.abort()
            with suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.split(": ", 1) for line in head[1:] if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = head[0].split(" ")
        vraag = Vraag(path, headers, body, writer.get_extra_info("peercert"), method)
        self.asked.append(vraag)
        await self.answer(vraag, writer)
        await writer.drain()


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Answers this, always; `_` in a header name is a `-`."""

    async def answer(_: Vraag, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    return answer


@asynccontextmanager
async def listening(answer: Answer, context: ssl.SSLContext | None = None) -> AsyncGenerator[Ontvanger, None]:
    """The endpoint, for as long as the context lasts."""
    ontvanger = Ontvanger(answer)
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(ontvanger.handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    ontvanger.port = server.sockets[0].getsockname()[1]
    try:
        yield ontvanger
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class Certificaat:
    """A certificate and its key in PEM."""

    certificate: str
    key: str


class Uitgever:
    """Issues certificates that only a test trusts."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Testuitgever")])
        made = self._builder(self._name, self._key, ends_in=timedelta(days=2))
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        made = made.add_extension(_usage(signs=True), critical=True)
        self.ca = made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, name: str = "127.0.0.1", *, ends_in: timedelta = timedelta(days=60)) -> Certificaat:
        """For an address or a host name."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        try:
            alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            alternative = x509.DNSName(name)
        made = self._builder(subject, key, ends_in=ends_in)
        made = made.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        signed = made.sign(self._key, hashes.SHA256())
        return Certificaat(signed.public_bytes(serialization.Encoding.PEM).decode(), _pem(key))

    def context(self, own: Certificaat, folder: Path, *, asks: bool = False) -> ssl.SSLContext:
        """What a server offers; with `asks` the caller has to show a certificate of this issuer."""
        path = folder / "server.pem"
        path.write_text(own.certificate + own.key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        if asks:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=self.ca)
        return context

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        ends_in: timedelta,
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)  # noqa: TID251  OpenSSL judges by the real clock
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=3))
            .not_valid_after(now + ends_in)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
