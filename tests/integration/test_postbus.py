"""The team of the sandbox with a mailbox and a browser: it does on the page of the hub what a person would."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lab.sandbox import Gedrag
from lab.sandbox.postbus import Post, Postbussen, Team
from tests.fakes.postkamer import RUCPHEN, Postkamer, open_postkamer

pytestmark = [pytest.mark.anyio, pytest.mark.database]

QUICK = Gedrag(bevestigt_na=timedelta(0), verdeelt_na=timedelta(0), spreiding=0)


@pytest.fixture
async def kamer(fresh_database: str, tmp_path: Path) -> AsyncIterator[Postkamer]:
    async with open_postkamer(fresh_database, tmp_path / "kamer") as kamer:
        yield kamer


@asynccontextmanager
async def team(kamer: Postkamer, data_dir: Path, gedrag: Gedrag = QUICK) -> AsyncIterator[Postbussen]:
    teams = {"lokaalteam@rucphen.example": Team(RUCPHEN, "Rucphen", gedrag)}
    postbussen = Postbussen(teams, kamer.klok, data_dir=data_dir)
    await postbussen.start()
    postbussen.connect(kamer.address)
    try:
        yield postbussen
    finally:
        await postbussen.stop()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  what other tasks do, with a limit
            await asyncio.sleep(0.01)


def only(postbussen: Postbussen) -> Post:
    (post,) = postbussen.post
    return post


async def test_the_team_confirms_and_takes_up_through_the_page(kamer: Postkamer, tmp_path: Path) -> None:
    async with team(kamer, tmp_path) as postbussen:
        mail, link = await kamer.hand_over(RUCPHEN)
        postbussen.take(mail)
        await until(lambda: only(postbussen).verdeeld_op is not None)
        post = only(postbussen)
        assert (post.link, post.met_document, post.antwoordfout) == (link, False, None)
        assert post.bevestigd_op is not None
        assert post.referentie in mail.onderwerp
    assert (await kamer.overdracht("west-brabant"))["status"] == "opgepakt"


async def test_the_same_mail_again_is_one_overdracht(kamer: Postkamer, tmp_path: Path) -> None:
    async with team(kamer, tmp_path, Gedrag.nooit()) as postbussen:
        mail, _ = await kamer.hand_over(RUCPHEN)
        for _ in range(2):
            postbussen.take(mail)
        assert only(postbussen).aangeboden == 2
        postbussen.take(replace(mail, aan=("iemand@rucphen.example",)))
        assert only(postbussen).aangeboden == 2


async def test_a_team_goes_on_after_a_restart_and_sends_nothing_twice(kamer: Postkamer, tmp_path: Path) -> None:
    async with team(kamer, tmp_path, replace(QUICK, verdeelt_na=None)) as postbussen:
        mail, _ = await kamer.hand_over(RUCPHEN)
        postbussen.take(mail)
        await until(lambda: only(postbussen).bevestigd_op is not None)
    async with team(kamer, tmp_path) as postbussen:
        await until(lambda: only(postbussen).verdeeld_op is not None)
    journal = await kamer.journal()
    assert (journal.count("ontvangst-bevestigd"), journal.count("overdracht-opgepakt")) == (1, 1)


async def test_a_link_to_somewhere_else_is_not_opened(kamer: Postkamer, tmp_path: Path) -> None:
    async with team(kamer, tmp_path) as postbussen:
        mail, link = await kamer.hand_over(RUCPHEN)
        elsewhere = link.replace(kamer.address, "http://127.0.0.1:9")
        postbussen.take(replace(mail, tekst=mail.tekst.replace(link, elsewhere)))
        await until(lambda: only(postbussen).antwoordfout is not None)
    assert (await kamer.overdracht("west-brabant"))["ontvangenOp"] is None
