"""How many examples of a property are tried, as a part of what the profile of Hypothesis tries."""

from hypothesis import settings


def examples(per_hundred: int) -> settings:
    """So many where the profile tries a hundred: fewer in `make unit`, more with `--hypothesis-profile=ruim`."""
    return settings(max_examples=max(1, settings().max_examples * per_hundred // 100))
