"""Comparing names as people do who write down what they hear: whatever letters, particles, hyphens or order.

A Latin letter is read by what Unicode calls it ("LATIN SMALL LETTER L WITH STROKE" is an l), so that all of them are
known and none has to be listed; the few with a name of their own stand in a table, after ICAO 9303 (what a passport
makes of them). Other scripts stay as they are: whoever writes those writes them alike.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_NAMED = {
    "SHARP S": "ss",
    "ETH": "d",
    "THORN": "th",
    "THORN WITH STROKE": "th",
    "ENG": "n",
    "SCHWA": "e",
    "KRA": "q",
    "LONG S": "s",
    "GAMMA": "g",
    "IOTA": "i",
    "UPSILON": "u",
    "ALPHA": "a",
    "CHI": "x",
    "BETA": "b",
    "ESH": "s",
    "EZH": "z",
    "WYNN": "w",
    "YOGH": "y",
    "INSULAR G": "g",
    "AIN": "",
    "GLOTTAL STOP": "",
    "SALTILLO": "",
}
"""Letters without a letter in their name. What sounds like an apostrophe is dropped as one."""
_LETTER = re.compile(r"LATIN (?:(?:CAPITAL|SMALL) )?(?:LETTER|LIGATURE) (?:(?:SMALL )?CAPITAL )?(.+)")
_SILENT = re.compile("['\u2018\u2019`\u00b4\u02bc\u02b9\u02bb\u02bd\u02be\u02bf\u02c8\uff07]")
"""Everything that is written for an apostrophe, or for the ayn and hamza that become one."""
_NO_NAME = re.compile(r"[^\w,]+|_", re.UNICODE)

_PARTICLES = frozenset((
    "a", "aan", "aben", "af", "al", "ait", "as", "auf", "aus", "bel", "ben", "bij", "bin", "bint", "d",
    "da", "dal", "dalla", "das", "de", "degli", "dei", "del", "dela", "della", "den", "der", "des", "di",
    "do", "dos", "du", "e", "el", "en", "es", "het", "i", "ibn", "im", "in", "la", "las", "le", "les",
    "lo", "los", "op", "s", "t", "te", "ten", "ter", "tot", "uit", "van", "vander", "vanden", "vom", "von",
    "voor", "y", "zu", "zum", "zur",
))  # fmt: skip
"""What stands between a name and a surname, and is written or left out as it happens."""
_NOBODY = frozenset({"onbekend", "onbekende", "anoniem", "nn", "nb"})
"""What people write where they know no name."""
_SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("kh", "k"), ("ch", "k"), ("sh", "s"), ("sj", "s"), ("dj", "j"),
    ("q", "k"), ("c", "k"), ("z", "s"), ("w", "v"),
)  # fmt: skip
_LONG_VOWELS = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"), ("ou", "u"), ("ij", "y"), ("ei", "y"), ("ie", "i"))
_FEWEST_CONSONANTS = 3


@dataclass(frozen=True, slots=True)
class Naam:
    """A name in the forms in which it is compared.

    `geschreven` is the same for the same name in other letters, with or without its particles. `klanken` are what its
    words sound like; `letters` all its letters in alphabetical order, with and without particles, wherever its words
    begin and in whichever order they stand. `is_vol`: a name and a surname, so that with a date it points at somebody.
    """

    geschreven: str
    is_vol: bool
    klanken: frozenset[str]
    letters: tuple[str, ...]


@lru_cache(maxsize=4096)
def read_naam(tekst: str) -> Naam:
    """The forms of this name."""
    parts = [part.split() for part in fold(tekst).split(",") if part.strip()]
    words = [word for part in parts for word in part]
    if not words or not _NOBODY.isdisjoint(words):
        return Naam("", False, frozenset(), ())
    main = [word for word in words if word not in _PARTICLES] or words
    simple = [_simplified(word) for word in main]
    whole = _simplified("".join(words))
    letters = dict.fromkeys(("".join(sorted("".join(simple))), "".join(sorted(whole))))
    in_order = [_without_particles(part) if len(parts) == 1 else part for part in parts]
    geschreven = ", ".join(" ".join(part) for part in in_order)
    return Naam(geschreven, len(_without_particles(words)) > 1, frozenset(map(_klank, main)), tuple(letters))


def fold(tekst: str) -> str:
    """In plain lower-case Latin letters, a blank between words; of all marks only the comma is left."""
    decomposed = unicodedata.normalize("NFKD", _SILENT.sub("", tekst).casefold())
    letters = "".join(_plain(letter) for letter in decomposed)
    return " ".join(_NO_NAME.sub(" ", letters.casefold()).replace(",", " , ").split())


def fold_huisnummer(tekst: str) -> str:
    """`012`, `12` and ` 12 ` are one house; `11-2`, `11 2` and `112` are two."""
    parts = re.findall(r"[0-9]+|[^\W\d_]+", fold(tekst))
    return "-".join(part.lstrip("0") or "0" if part.isdigit() else part for part in parts)


@lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    if letter.isascii():
        return letter
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Cf", "Mn", "Me", "Lm", "Sk"}:
        return ""
    match = _LETTER.fullmatch(unicodedata.name(letter, ""))
    return letter if match is None else _called(match.group(1), letter)


def _called(name: str, letter: str) -> str:
    """The letters in what Unicode calls a letter: "O WITH STROKE", "AE", "DOTLESS I", "U BAR", "SHARP S"."""
    base = name.partition(" WITH ")[0]
    if base in _NAMED:
        return _NAMED[base]
    words = base.split()
    for word in (words[-1], words[0]):
        if len(word) <= 2:  # noqa: PLR2004  a letter, or two that are written as one
            return word.lower()
    return _NAMED.get(words[-1], letter)


def _without_particles(words: list[str]) -> list[str]:
    """The first and the last word always count: somebody may be called Ben, or De."""
    return [word for at, word in enumerate(words) if at in {0, len(words) - 1} or word not in _PARTICLES]


def _simplified(word: str) -> str:
    """With one spelling for what is spelled in several ways in Latin letters: ø and oe, ü and ue, ij and y."""
    for written, said in _LONG_VOWELS:
        word = word.replace(written, said)
    return re.sub(r"(.)\1+", r"\1", word)


def _klank(word: str) -> str:
    """What stays when vowels are heard differently; of a short word everything."""
    sound = _simplified(word)
    for written, said in _SOUNDS:
        sound = sound.replace(written, said)
    sound = re.sub(r"(.)\1+", r"\1", sound)
    consonants = re.sub(r"(.)\1+", r"\1", sound[:1] + re.sub("[aeiouy]", "", sound[1:]))
    return consonants if len(consonants) >= _FEWEST_CONSONANTS else sound
