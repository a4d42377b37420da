"""Teams with nothing but a mailbox and a browser: they open the link in the mail, and send the forms on the page."""

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin
from uuid import UUID

import httpx

from lab.sandbox.gedrag import Gedrag
from lab.sandbox.geheugen import Stap
from lab.sandbox.mail import Mail
from services.runtime.process.clock import Klok

_TIMEOUT_SECONDS = 15.0
_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=6)
_LINK = re.compile(r"https?://\S+/overdracht/v1/bevestigen/[A-Za-z0-9_-]+")
_MESSAGE_ID = re.compile(r"<([0-9a-f-]{36})\.\d+@")
_INGETROKKEN = re.compile(r"<([0-9a-f-]{36})\.ingetrokken@")
_REFERENCE = re.compile(r"HV-[0-9A-F]{8}")
_TYPED: Mapping[str, str] = {"medewerker.naam": "Robin Zandbak", "medewerker.functie": "medewerker lokaal team"}
_FORMS: Mapping[Stap, str] = {Stap.BEVESTIGD: "/ontvangstbevestigingen", Stap.VERDEELD: "/verdelingen"}


@dataclass(frozen=True, slots=True)
class Team:
    """A gemeente whose endpoint is a mail address, and how its people behave."""

    code: str
    naam: str
    gedrag: Gedrag


@dataclass(slots=True)
class Post:
    """An overdracht that came by mail, and what the team did with it. `aangeboden` counts the times it came."""

    overdracht_id: UUID
    gemeente: str
    referentie: str
    link: str
    ontvangen_op: datetime
    aangeboden: int = 1
    met_document: bool = False
    bevestigd_op: datetime | None = None
    verdeeld_op: datetime | None = None
    ingetrokken_op: datetime | None = None
    antwoordfout: str | None = None

    def note(self, stap: Stap, op: datetime) -> None:
        match stap:
            case Stap.BEVESTIGD:
                self.bevestigd_op = op
            case Stap.VERDEELD:
                self.verdeeld_op = op


@dataclass(slots=True)
class Formulier:
    """A form on a page: where it is sent, and its fields."""

    action: str
    velden: dict[str, str] = field(default_factory=dict[str, str])


class Postbussen:
    """Reads the mails to the addresses of `teams` and answers as a person would: GET, fill in, POST.

    The links are kept in a file, so that a team goes on after a restart; the page tells what was done already.
    """

    def __init__(self, teams: Mapping[str, Team], klok: Klok, *, data_dir: Path) -> None:
        self.teams = teams
        self._klok = klok
        self._path = data_dir / "sandbox-postbussen.jsonl"
        self._post: dict[UUID, Post] = {}
        self._hub: asyncio.Future[str] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    @property
    def post(self) -> tuple[Post, ...]:
        """All that came, the oldest first."""
        return tuple(sorted(self._post.values(), key=lambda item: item.ontvangen_op))

    async def start(self) -> None:
        """Open the browser, and take up again what lay in the mailboxes; nobody can confirm before `connect`."""
        self._hub = asyncio.get_running_loop().create_future()
        self._client = httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, follow_redirects=True, trust_env=False)
        for post in self._recall():
            self._post[post.overdracht_id] = post
            self._plan(post)

    def connect(self, hub_url: str) -> None:
        """From here on pages can be opened; links that lead elsewhere are not."""
        if self._hub is None:
            raise RuntimeError("start() comes first")
        if not self._hub.done():
            self._hub.set_result(hub_url)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()

    def take(self, mail: Mail) -> None:
        """A mail came in; one with an overdracht for one of the teams is put on somebody's desk."""
        if (withdrawn := _INGETROKKEN.match(mail.message_id or "")) is not None:
            self._lay_aside(UUID(withdrawn[1]), mail.ontvangen_op)
            return
        team = next((self.teams[address] for address in mail.aan if address in self.teams), None)
        link, identifier = _LINK.search(mail.tekst), _MESSAGE_ID.match(mail.message_id or "")
        if team is None or link is None or identifier is None:
            return
        overdracht_id = UUID(identifier[1])
        if (known := self._post.get(overdracht_id)) is not None and known.link == link[0]:
            known.aangeboden += 1
            return
        reference = _REFERENCE.search(mail.onderwerp)
        post = Post(overdracht_id, team.code, reference[0] if reference else "", link[0], mail.ontvangen_op)
        post.met_document = bool(mail.bijlagen)
        self._post[overdracht_id] = post
        self._keep(post)
        self._plan(post)

    def _lay_aside(self, overdracht_id: UUID, op: datetime) -> None:
        """Veilig Thuis took it back; perhaps it never arrived."""
        if (known := self._post.get(overdracht_id)) is not None:
            known.ingetrokken_op = known.ingetrokken_op or op

    def _plan(self, post: Post) -> None:
        gedrag = next((team.gedrag for team in self.teams.values() if team.code == post.gemeente), Gedrag.nooit())
        task = asyncio.create_task(self._live(post, gedrag), name=f"sandbox-{post.overdracht_id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self, post: Post, gedrag: Gedrag) -> None:
        for due_at, stap in sorted(_steps(post, gedrag)):
            await self._klok.sleep_until(due_at)
            if post.ingetrokken_op is not None:
                return
            if await self._do_until_taken(post, stap):
                post.note(stap, self._klok.now())

    async def _do_until_taken(self, post: Post, stap: Stap) -> bool:
        assert self._hub is not None
        hub = await asyncio.shield(self._hub)
        if not post.link.startswith(hub.rstrip("/") + "/"):
            post.antwoordfout = "de link leidt niet naar de hub"
            return False
        wait = _FIRST_WAIT
        while (status := await self._do(post, stap)) is None:
            await self._klok.sleep_until(self._klok.now() + wait)
            wait = min(2 * wait, _LONGEST_WAIT)
        post.antwoordfout = None if status < httpx.codes.BAD_REQUEST else f"de pagina antwoordt met status {status}"
        return post.antwoordfout is None

    async def _do(self, post: Post, stap: Stap) -> int | None:
        """The status of the page in the end, or None for what may pass. A form that is gone was sent before."""
        assert self._client is not None
        try:
            page = await self._client.get(post.link)
            form = _form_to(_FORMS[stap], page)
            if form is not None:
                typed = {name: _TYPED.get(name, value) for name, value in form.velden.items()}
                page = await self._client.post(urljoin(str(page.url), form.action), data=typed)
        except httpx.HTTPError:
            return None
        return None if page.status_code >= httpx.codes.INTERNAL_SERVER_ERROR else page.status_code

    def _recall(self) -> Iterator[Post]:
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        for line in lines:
            try:
                kept = json.loads(line)
            except ValueError:
                continue  # a half line, of a process that was killed while it wrote
            yield Post(
                UUID(kept["overdracht"]),
                kept["gemeente"],
                kept["referentie"],
                kept["link"],
                datetime.fromisoformat(kept["op"]),
            )

    def _keep(self, post: Post) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        kept = {
            "overdracht": str(post.overdracht_id),
            "gemeente": post.gemeente,
            "referentie": post.referentie,
            "link": post.link,
            "op": post.ontvangen_op.isoformat(),
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(kept)}\n")


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Formulier] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Formulier(given.get("action", "")))
        elif tag in {"input", "textarea"} and self.found and "name" in given:
            self.found[-1].velden[given["name"]] = given.get("value", "")


def _form_to(ending: str, page: httpx.Response) -> Formulier | None:
    parser = _Forms()
    parser.feed(page.text)
    return next((form for form in parser.found if form.action.endswith(ending)), None)


def _steps(post: Post, gedrag: Gedrag) -> Iterator[tuple[datetime, Stap]]:
    """What is still to be done, and when."""
    planned: tuple[tuple[timedelta | None, datetime | None, Stap], ...] = (
        (gedrag.bevestigt_na, post.bevestigd_op, Stap.BEVESTIGD),
        (gedrag.verdeelt_na, post.verdeeld_op, Stap.VERDEELD),
    )
    for after, done_at, stap in planned:
        if after is not None and done_at is None:
            yield post.ontvangen_op + gedrag.spread(after, post.overdracht_id), stap
