"""`houvast gemeente test`: step by step to the endpoint of a receiver, and who has to mend what does not work."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from contracts.afspraken import local_date
from contracts.messages.envelope import CloudEvent, encode, source_urn
from contracts.messages.identifiers import CasusId
from contracts.messages.proef import OverdrachtProef
from contracts.messages.topics import Service
from contracts.register import AnyEndpoint, Gemeente, MailEndpoint, Partij, RestEndpoint, ZgwEndpoint
from services.cli.proef_mail import check_mailbox
from services.cli.proef_uitleg import explain_answer, explain_login, explain_network, explain_tls
from services.cli.proef_zaaksysteem import check_zaaksysteem
from services.cli.proefstap import THEM, US, Stap, Stops
from services.handover.adapters import Endpoints
from services.handover.adapters.uitgang import uitgang_of
from services.handover.adapters.zgw import Verbinding, ZgwClient
from services.runtime.outbound.network import (
    AddressRefused,
    Uitgang,
    UnusableCertificate,
    describe_failure,
    open_client,
    resolve,
    tls_context,
)
from services.runtime.outbound.oauth import NotLoggedIn
from services.runtime.outbound.own_fault import own_fault
from services.runtime.outbound.secrets import SecretUnavailable
from services.runtime.outbound.webhooks import UnusableKey, hmac_secret
from services.runtime.process.clock import Klok
from services.runtime.settings import SmtpSettings

_EXPIRES_SOON = timedelta(days=30)
_UITLEG = "Proefbericht van Houvast. Het gaat over niemand; antwoord met 2xx en doe er verder niets mee."
_SECONDS_TO_OBJECT = 1.0
_REFUSED = frozenset({400, 401, 403, 422})


@dataclass(frozen=True, slots=True)
class Proef:
    """What is needed to try. `wall` is the clock that certificates and signatures are judged by.

    `gemeente` is named in what goes to a party: a case always belongs to one.
    """

    secret: Callable[[str], str]
    wall: Klok
    oin: str
    timeout: timedelta = timedelta(seconds=15)
    callback_url: str | None = None
    """Where a zaaksysteem tells what happened; None where the hub has no address for that."""
    gemeente: str = ""
    smtp: SmtpSettings | None = None
    """The mail server that overdrachten go by."""

    async def run(self, receiver: Gemeente | Partij, team: str | None) -> AsyncGenerator[Stap, None]:
        """The steps as they are taken; the first that fails is the last, where the next would only repeat it."""
        endpoint = receiver.endpoint_for(team)
        try:
            async for stap in self._steps(receiver, endpoint):
                yield stap
        except Stops as stopped:
            yield stopped.stap

    async def _steps(self, receiver: Gemeente | Partij, endpoint: AnyEndpoint) -> AsyncGenerator[Stap, None]:
        match endpoint:
            case RestEndpoint():
                steps = self._rest(receiver, endpoint)
            case ZgwEndpoint():
                steps = self._zgw(endpoint)
            case MailEndpoint():
                steps = self._mail(endpoint)
        async for stap in steps:
            yield stap

    async def _rest(self, receiver: Gemeente | Partij, endpoint: RestEndpoint) -> AsyncGenerator[Stap, None]:
        endpoints = Endpoints(secret=self.secret, wall=self.wall, timeout=self.timeout)
        try:
            try:
                _, keys = endpoints.signer(endpoint)
                uitgang = endpoints.uitgang(endpoint)
                tls_context(uitgang)
                endpoints.aanmelding(endpoint)
            except (SecretUnavailable, UnusableKey, UnusableCertificate) as error:
                raise Stops(Stap("register", False, own_fault(error).detail, US)) from None
            yield Stap("register", True, f"{endpoint.url}, ondertekend met {', '.join(keys)}")
            async for stap in self._network(endpoint.url, uitgang):
                yield stap
            yield await self._log_in(endpoints, endpoint)
            yield await self._deliver(endpoints, endpoint, receiver)
            yield await self._forge(endpoint, receiver)
        finally:
            await endpoints.close()

    async def _zgw(self, endpoint: ZgwEndpoint) -> AsyncGenerator[Stap, None]:
        try:
            secret = self.secret(endpoint.geheim)
            uitgang = uitgang_of(endpoint, secret=self.secret, at_once=1)
            tls_context(uitgang)
        except (SecretUnavailable, UnusableCertificate) as error:
            raise Stops(Stap("register", False, own_fault(error).detail, US)) from None
        yield Stap("register", True, f"{endpoint.url}, als {endpoint.client_id}")
        async for stap in self._network(endpoint.url, uitgang):
            yield stap
        seconds = self.timeout.total_seconds()
        async with open_client(uitgang, timeout_seconds=seconds) as http:
            verbinding = Verbinding(lambda _: http, secret=self.secret, wall=self.wall, timeout=seconds)
            client = ZgwClient(verbinding, endpoint, secret=secret)
            async for stap in check_zaaksysteem(client, wall=self.wall, callback_url=self.callback_url):
                yield stap

    async def _mail(self, endpoint: MailEndpoint) -> AsyncGenerator[Stap, None]:
        road = (
            "het document gaat mee (NTA 7516)"
            if endpoint.nta_7516
            else "alleen een verwijzing en een link; lezen na aanmelden"
        )
        yield Stap("register", True, f"{endpoint.adres}: {road}")
        domain = endpoint.adres.rpartition("@")[2]
        try:
            await asyncio.get_running_loop().getaddrinfo(domain, 25)
        except OSError:
            told = f"{domain} heeft geen eigen adres; dat kan, als de mail elders wordt bezorgd"
            yield Stap("DNS", True, told)
        else:
            yield Stap("DNS", True, f"{domain} bestaat")
        steps = check_mailbox(endpoint, self.smtp, secret=self.secret, wall=self.wall, timeout=self.timeout)
        async for stap in steps:
            yield stap

    async def _network(self, url: str, uitgang: Uitgang) -> AsyncGenerator[Stap, None]:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            addresses = await resolve(host, port, private_network=uitgang.private_network)
        except AddressRefused as error:
            raise Stops(Stap("DNS", False, str(error), US)) from None
        except OSError:
            who = f"{US} (adres in het register) of {THEM} (DNS)"
            raise Stops(Stap("DNS", False, f"{host} is niet bekend", who)) from None
        yield Stap("DNS", True, f"{host} is {', '.join(addresses)}")
        address = await self._connect(addresses, port)
        yield Stap("TCP", True, f"poort {port} neemt op")
        if parts.scheme == "https":
            yield await self._handshake(address, port, host, uitgang)

    async def _connect(self, addresses: Sequence[str], port: int) -> str:
        """The first address that answers, as a delivery would find it."""
        told = ""
        for address in addresses:
            try:
                async with asyncio.timeout(self.timeout.total_seconds()):
                    _, writer = await asyncio.open_connection(address, port)
            except TimeoutError:
                told = f"poort {port} geeft geen antwoord: firewall?"
            except OSError as error:
                told = describe_failure(error)
            else:
                writer.close()
                return address
        raise Stops(Stap("TCP", False, told, f"{THEM} (netwerk)"))

    async def _handshake(self, address: str, port: int, host: str, uitgang: Uitgang) -> Stap:
        try:
            async with asyncio.timeout(self.timeout.total_seconds()):
                reader, writer = await asyncio.open_connection(
                    address, port, ssl=tls_context(uitgang), server_hostname=host
                )
            with closing(writer):
                await _hear_objections(reader)
                layer: Any = writer.get_extra_info("ssl_object")
        except (TimeoutError, OSError, EOFError) as error:
            raise Stops(Stap("TLS", False, *explain_tls(error, uitgang))) from None
        ends_at = datetime.fromtimestamp(ssl.cert_time_to_seconds(layer.getpeercert()["notAfter"]), tz=UTC)
        told = f"{layer.version()}, certificaat geldig tot {local_date(ends_at):%d-%m-%Y}"
        if ends_at - self.wall.now() < _EXPIRES_SOON:
            return Stap("TLS", False, f"{told}: dat is binnen 30 dagen", THEM)
        return Stap("TLS", True, told)

    async def _log_in(self, endpoints: Endpoints, endpoint: RestEndpoint) -> Stap:
        try:
            asked = await endpoints.log_in(endpoint)
        except NotLoggedIn as error:
            raise Stops(Stap("aanmelding", False, *explain_login(error))) from None
        except (TimeoutError, httpx.HTTPError) as error:
            told, who = explain_network(error)
            raise Stops(Stap("aanmelding", False, f"de tokenserver: {told}", who)) from None
        return Stap("aanmelding", True, "token gekregen" if asked else "niet gevraagd, alleen de handtekening")

    async def _deliver(self, endpoints: Endpoints, endpoint: RestEndpoint, receiver: Gemeente | Partij) -> Stap:
        message_id, body = self._message(receiver)
        try:
            answer = await endpoints.post(endpoint, message_id=message_id, body=body)
        except (TimeoutError, httpx.HTTPError, NotLoggedIn) as error:
            raise Stops(Stap("proeflevering", False, *explain_network(error))) from None
        if httpx.codes.is_success(answer.status):
            return Stap("proeflevering", True, f"aangenomen met status {answer.status}")
        raise Stops(Stap("proeflevering", False, *explain_answer(answer, endpoint)))

    async def _forge(self, endpoint: RestEndpoint, receiver: Gemeente | Partij) -> Stap:
        """The same with a signature that cannot be right: who takes that, takes anything from anyone."""
        message_id, body = self._message(receiver)
        forged = Endpoints(secret=_forging(self.secret, endpoint), wall=self.wall, timeout=self.timeout)
        try:
            answer = await forged.post(endpoint, message_id=message_id, body=body)
        except (TimeoutError, httpx.HTTPError, NotLoggedIn) as error:
            return Stap("handtekening", False, describe_failure(error), THEM)
        finally:
            await forged.close()
        if httpx.codes.is_success(answer.status):
            told = "het endpoint neemt ook een valse handtekening aan; zo kan iedereen zich voordoen als Veilig Thuis"
            return Stap("handtekening", False, told, THEM)
        if answer.status not in _REFUSED:
            told = f"een valse handtekening geeft status {answer.status}; antwoord 401, dan is duidelijk waarom"
            return Stap("handtekening", False, told, THEM)
        return Stap("handtekening", True, f"een valse handtekening wordt geweigerd (status {answer.status})")

    def _message(self, receiver: Gemeente | Partij) -> tuple[str, bytes]:
        """A delivery about nobody: the case of it does not exist."""
        event_id, now = uuid4(), self.wall.now()
        of_gemeente = isinstance(receiver, Gemeente)
        data = OverdrachtProef(
            gemeente=receiver.code if of_gemeente else self.gemeente,
            partij=None if of_gemeente else receiver.code,
            verzonden_op=now,
            uitleg=_UITLEG,
        )
        source = source_urn(self.oin, Service.HANDOVER.value)
        event: CloudEvent[OverdrachtProef] = CloudEvent(str(event_id), source, CasusId(uuid4()), now, None, data)
        return str(event_id), encode(event)


def _forging(secret: Callable[[str], str], endpoint: RestEndpoint) -> Callable[[str], str]:
    """Every secret as it is, but the signing keys."""
    wrong = hmac_secret(uuid4().bytes + uuid4().bytes)
    return lambda reference: wrong if reference in endpoint.geheimen else secret(reference)


async def _hear_objections(reader: asyncio.StreamReader) -> None:
    """In TLS 1.3 whoever misses our certificate says so after the handshake. Raises what then comes instead of silence."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_SECONDS_TO_OBJECT):
            if not await reader.read(1):
                raise EOFError
