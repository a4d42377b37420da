"""Panics of libraries in Rust: they pass every `except Exception`, and would end whatever is running."""

from collections.abc import Generator
from contextlib import contextmanager

_MODULE = "pyo3_runtime"
"""Where the class says it comes from; it cannot be imported."""


class Panicked(Exception):
    """A library gave up on what it was given. Repeats nothing of it."""


@contextmanager
def panics_as_errors() -> Generator[None]:
    """Raises `Panicked` in the place of a panic."""
    try:
        yield
    except BaseException as error:  # a panic is no Exception
        if type(error).__module__ != _MODULE:
            raise
        raise Panicked from None
