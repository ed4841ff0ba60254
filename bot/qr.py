"""A link as a code to scan, for what is printed."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def drawn(link: str) -> Markup:
    """SVG within a page, class `code`; the page gives its size. A quarter of it may be stained (ISO/IEC 18004, level Q)."""
    target = io.BytesIO()
    segno.make(link, error="q").save(
        target, kind="svg", scale=1, border=2, xmldecl=False, omitsize=True, svgclass="code", lineclass=None
    )
    return Markup(target.getvalue().decode())  # noqa: S704  drawn by segno from our own link
