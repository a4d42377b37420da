"""Text is what people write; what is no text is found by its place."""

import re
import sys
from typing import Any

import pytest

from contracts.messages.envelope import Problem
from contracts.messages.tekens import NO_TEXT, ONLEESBAAR, find_unreadable, is_readable, is_text


@pytest.mark.parametrize(
    "text", ["Zoë", "😢", "漢字", "عربى", "👨‍👩‍👧", "ⵜⴰⵎⴰⵣⵉⵖⵜ", "eerste regel\r\n\ttweede", "\u200f", "\ue000", "𐍈"]
)
def test_every_script_is_text(text: str) -> None:
    assert is_readable(text)


@pytest.mark.parametrize(
    "char", ["\x00", "\x07", "\x1b", "\x0b", "\x7f", "\x85", "\x9b", "\ud800", "\ufdd0", "\uffff", "\U0010fffe"]
)
def test_control_characters_halves_and_what_is_kept_free_are_no_text(char: str) -> None:
    assert not is_readable(f"a{char}b")


def test_the_pattern_of_the_schemas_says_the_same_of_every_character_it_can_name() -> None:
    pattern = re.compile(f"[{NO_TEXT}]")
    surrogates = range(0xD800, 0xE000)
    codes = (code for code in range(0x10000) if code not in surrogates)
    assert [code for code in codes if is_text(chr(code)) == bool(pattern.match(chr(code)))] == []


def test_the_quick_look_at_a_text_says_the_same_of_every_character() -> None:
    assert [code for code in range(sys.maxunicode + 1) if is_readable(chr(code)) != is_text(chr(code))] == []


def test_every_place_is_named_also_that_of_a_field_with_such_a_name() -> None:
    value: Any = {"a": [{"naam": "x\x02"}, "goed", "\ufdd0"], "b": {"c\x01": "\x1b"}}
    assert list(find_unreadable(value)) == [
        Problem("a.0.naam", ONLEESBAAR),
        Problem("a.2", ONLEESBAAR),
        Problem("b", f"de naam van een veld {ONLEESBAAR}"),
        Problem("b.c?", ONLEESBAAR),
    ]
