"""Every make of letter that comes back is understood, or is put before a person; nothing is lost in silence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.runtime.outbound.bounces import BounceKind
from services.runtime.outbound.retourpost import looks_like_bounce, read_bounce
from tests.unit.runtime.test_bounces import MAIL, OURS

LETTERS = Path(__file__).parents[2] / "fixtures" / "retourpost"
"""A folder per outcome, a file per make; `{VERP}` stands for the return address of the mail that left."""
NOTHING = "niets"


def letters(*outcomes: str) -> list[tuple[str, Path]]:
    return [(outcome, path) for outcome in outcomes for path in sorted((LETTERS / outcome).glob("*.eml"))]


ALL = letters(*(kind.value for kind in BounceKind), NOTHING)


def written(path: Path) -> bytes:
    return path.read_text("utf-8").replace("{VERP}", OURS.write(MAIL)).encode()


def named(found: tuple[str, Path]) -> str:
    return f"{found[0]}-{found[1].stem}"


@pytest.mark.parametrize("letter", ALL, ids=map(named, ALL))
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_each_make_is_read_as_what_it_says(letter: tuple[str, Path], line_end: bytes) -> None:
    """Bounces of every make (G8): failed, delayed, delivered, for a person to read, or none at all."""
    outcome, path = letter
    bounce = read_bounce(written(path).replace(b"\n", line_end), OURS)
    if outcome == NOTHING:
        assert bounce is None
        return
    assert bounce is not None
    assert (bounce.mail, bounce.kind.value) == (MAIL, outcome)
    assert (bounce.letter is not None) is (bounce.kind is BounceKind.UNCLEAR), "only what a person must read is kept"


def test_there_is_a_letter_of_every_outcome() -> None:
    assert {outcome for outcome, _ in ALL} == {*(kind.value for kind in BounceKind), NOTHING}


@pytest.mark.parametrize("letter", ALL, ids=map(named, ALL))
def test_what_is_about_no_mail_of_ours_is_left_to_who_keeps_the_mailbox(letter: tuple[str, Path]) -> None:
    """No case to tell; a letter of a mail server is then not taken, and an automatic reply is no matter."""
    outcome, path = letter
    raw = path.read_text("utf-8").replace("{VERP}", "terugpost@houvast.example").encode()
    assert read_bounce(raw, OURS) is None
    by_a_person = path.stem in {"doorgestuurd-als-tekst", "iemand-antwoordt"} or path.stem.startswith("automatisch-")
    person_wrote = outcome == NOTHING or by_a_person
    assert looks_like_bounce(raw) is not person_wrote


def test_a_person_gets_to_read_what_came_back_and_by_whom_it_was_forwarded() -> None:
    raw = written(LETTERS / BounceKind.UNCLEAR.value / "doorgestuurd-als-tekst.eml")
    bounce = read_bounce(raw, OURS)
    assert bounce is not None
    assert bounce.letter is not None
    assert bounce.letter.startswith("FW: Undelivered Mail\n\nDit kwam bij ons binnen.")


@given(st.sampled_from(ALL), st.binary(max_size=200), st.integers(0, 3000))
def test_no_letter_is_too_damaged_to_be_read(letter: tuple[str, Path], noise: bytes, at: int) -> None:
    raw = written(letter[1])
    for damaged in (raw[:at], raw[:at] + noise + raw[at:]):
        read_bounce(damaged, OURS)
        looks_like_bounce(damaged)
