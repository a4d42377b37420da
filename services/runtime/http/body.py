"""A body on its way in: how large it may be and what shape it may have, judged before anything is made of it.

What a body costs follows from its shape: a hundred thousand empty objects take longer to refuse than a megabyte of
text. So their number and depth are bounded first, with searches that take a millisecond at most.
"""

import asyncio
import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar, cast

import orjson
from pydantic import JsonValue
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from contracts.messages.tekens import as_readable, find_unreadable
from services.runtime.http.problems import MOST_SHOWN, UnreadableBody, UnreadableText
from services.runtime.http.rates import Charge

LARGE_BYTES = 64 * 1024
MOST_ITEMS = 2_000
"""Values in one body, all lists and objects together; the fullest overdrachtsdocument has some 700."""
MOST_DEPTH = 32

_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")
_APART = ThreadPoolExecutor(1, thread_name_prefix="inhoud")
"""One thread, so that large bodies wait for each other and nobody waits for them."""

T = TypeVar("T")


async def apart(size: int, function: Callable[..., T], *arguments: object) -> T:
    """What `function` makes of a body of `size` bytes; of a large one outside the event loop."""
    if size <= LARGE_BYTES:
        return function(*arguments)
    return await asyncio.get_running_loop().run_in_executor(_APART, function, *arguments)


def limited(receive: Receive, most: int, charge: Charge | None) -> Receive:
    """A body whose size was not told, up to `most` bytes, on the account of whoever sends it."""
    read = 0

    async def read_limited() -> Message:
        nonlocal read
        message = await receive()
        size = len(message.get("body", b""))
        read += size
        if read > most:
            raise HTTPException(413)
        if charge is not None and size and not message.get("more_body", False):
            charge.add_bytes(read)
        return message

    return read_limited


def strict_json(receive: Receive, charge: Charge | None) -> Receive:
    """Lets a body through as it came once it is known to be JSON by the letter, of a shape that people write.

    The framework's reader takes NaN, half characters and any depth; a database keeps none of these. What holds a
    character that is not text is refused by the place where it stands: nobody can print it or read it out.
    """
    body = bytearray()

    async def read_checked() -> Message:
        message = await receive()
        if message["type"] == "http.request":
            body.extend(message.get("body", b""))
            if body and not message.get("more_body", False):
                if charge is not None:
                    charge.add_items(_most_items(body))
                await apart(len(body), _check_json, body)
        return message

    return read_checked


def _check_json(body: bytearray) -> None:
    _check_shape(body)
    try:
        document: JsonValue = orjson.loads(body)
    except orjson.JSONDecodeError:
        _check_text(_read_leniently(body))
        raise UnreadableBody("is geen geldige JSON") from None
    _check_text(document)


def _check_text(document: JsonValue) -> None:
    if problems := tuple(islice(find_unreadable(document), MOST_SHOWN)):
        raise UnreadableText(problems, as_readable(document)) from None


def _read_leniently(body: bytearray) -> JsonValue:
    """With half characters and bare control characters; None for what is no JSON at all."""
    try:
        return cast("JsonValue", json.loads(body, strict=False))
    except (ValueError, RecursionError):
        return None


def _check_shape(body: bytearray) -> None:
    """Raises `UnreadableBody` for more values or levels than there may be; a string counts as one, whatever it holds."""
    if body.count(b"{") + body.count(b"[") <= MOST_DEPTH and _most_items(body) <= MOST_ITEMS:
        return
    if body.count(b'"') - body.count(b'\\"') > 4 * MOST_ITEMS:
        raise _too_many()
    bare = _STRING.sub(b"", body)
    if _most_items(bare) > MOST_ITEMS:
        raise _too_many()
    depth = 0
    for bracket in _BRACKET.findall(bare):
        depth += 1 if bracket in b"[{" else -1
        if depth > MOST_DEPTH:
            raise UnreadableBody(f"is dieper genest dan {MOST_DEPTH} niveaus")


def _most_items(body: bytes | bytearray) -> int:
    """How many values there can be, at most: what stands in a text is counted along."""
    return body.count(b"{") + body.count(b"[") + body.count(b",")


def _too_many() -> UnreadableBody:
    return UnreadableBody(f"bevat te veel onderdelen: samen meer dan {MOST_ITEMS}")
