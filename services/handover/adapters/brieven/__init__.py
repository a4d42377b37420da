"""Letters as PDF/UA: tagged, in Dutch, with a title, so that a screen reader reads them. Typst works offline.

Fonts are those that come with typst; what stands on this machine does not change a letter.
"""

import asyncio
from dataclasses import asdict
from pathlib import Path

import orjson

from services.handover.domain.brieven import Brief

TEMPLATE = Path(__file__).with_name("brief.typ")


class TypstBrieven:
    """Renders letters, each in a thread, because it takes a moment and nobody should wait for it."""

    async def render(self, brief: Brief) -> bytes:
        """The letter as PDF."""
        return await asyncio.to_thread(render_brief, brief)


def render_brief(brief: Brief) -> bytes:
    """The letter as PDF; the same letter gives the same bytes."""
    import typst  # 7 MB, for whoever makes letters

    rendered = typst.compile(
        TEMPLATE,
        root=TEMPLATE.parent,
        sys_inputs={"brief": orjson.dumps(asdict(brief)).decode()},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
    )
    assert isinstance(rendered, bytes), "one document, one PDF"
    return rendered
