"""A page of several parts: headings, texts, figures and tables, with their contents. Each part is made by itself."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from plotly import graph_objects as go

from envcfg.analysis.attempt import Broken, attempt, broken_text
from envcfg.core.errors import EnvcfgError
from envcfg.figures.html.page import NO_SCRIPT, figure_data, figure_html, page_html, text_html
from envcfg.figures.html.table import table

T = TypeVar("T")

OTHERS: Final = "All other parts of this page are complete"
LEFT_OUT: Final = "Not in this report"


class PagePart(NamedTuple):
    """A part of a page: a heading, a text (both plain) and a figure or HTML. The HTML must already be escaped."""

    heading: str
    text: str
    content: go.Figure | str


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A section of a page. If one of its functions fails, an error message replaces what it makes."""

    heading: str
    parts: Callable[[], Iterable[PagePart]]
    aside: "Aside | None" = None
    """What stands beside the content of the first part."""
    missing: str = ""
    """What would fill the section, if it has no parts. A section without such a sentence is left out in silence."""


class Aside(NamedTuple):
    """Something beside a figure or a text, made by itself: its name for error messages, and its HTML."""

    name: str
    html: Callable[[], str]


class Document(NamedTuple):
    """A page of several figures and tables, and the parts that could not be made."""

    html: str
    broken: tuple[Broken, ...]


class _Failure(NamedTuple):
    """A sentence about something that could not be made."""

    said: str


class _Made(NamedTuple):
    """A part of a page that was made, with the data of its figure and with what stands beside it."""

    part: PagePart
    figure: Any = None
    """The data of its figure; None for a part without a figure."""
    beside: str = ""


def document(
    title: str,
    sections: Iterable[Section],
    *,
    scripts: Sequence[str] = (),
    head: str = "",
    assets: str | None = None,
) -> Document:
    """A page with several figures and tables. A section that fails does not affect the others.

    *scripts* are the files of JavaScript that its parts need. *head* is HTML below the title. With *assets*, the page
    loads its scripts from below that address.
    """
    broken: list[Broken] = []
    made: list[_Made] = []
    missing: list[tuple[str, str]] = []
    for section in sections:
        found = _made(section, broken)
        made += found
        missing += [(section.heading, section.missing)] if section.missing and not found else []
    if missing:
        made.append(_Made(PagePart(LEFT_OUT, "These parts are empty for this run.", table((), missing))))
    body = "\n".join(_body(title, head, made))
    html = page_html(title, body, [one.figure for one in made if one.figure], scripts, assets=assets)
    return Document(html, tuple(broken))


def _made(section: Section, broken: list[Broken]) -> list[_Made]:
    """The parts of a section. A sentence replaces what could not be made."""
    found = _tried(section.heading, partial(_parts, section), broken)
    made = [_Made(PagePart(section.heading, found.said, ""))] if isinstance(found, _Failure) else found
    if section.aside is None or not made:
        return made
    aside = _tried(section.aside.name, section.aside.html, broken)
    beside = f"<p>{text_html(aside.said)}</p>" if isinstance(aside, _Failure) else aside
    return [made[0]._replace(beside=beside), *made[1:]]


def _tried(what: str, make: Callable[[], T], broken: list[Broken]) -> T | _Failure:
    """What *make* returns, or why it failed. A bug of envcfg is added to *broken*."""
    try:
        found = attempt(what, make)
    except EnvcfgError as error:
        return _Failure(str(error))
    if not isinstance(found, Broken):
        return found
    broken.append(found)
    return _Failure(f"{broken_text([found], others=OTHERS)}.")


def _parts(section: Section) -> list[_Made]:
    return [
        _Made(part, None if isinstance(part.content, str) else figure_data(part.content)) for part in section.parts()
    ]


def _body(title: str, head: str, made: Sequence[_Made]) -> Iterator[str]:
    yield f"<h1>{text_html(title)}</h1>{head}"
    yield NO_SCRIPT
    links = "".join(f'<li><a href="#{_place(one)}">{text_html(one.part.heading)}</a></li>' for one in made)
    yield f'<nav class="contents" aria-label="Contents"><ul>{links}</ul></nav>'
    figures = 0
    for one in made:
        yield _section(one, figures)
        figures += one.figure is not None


def _section(one: _Made, number: int) -> str:
    heading, text, content = one.part
    shown = (
        f'<div class="wide">{content}</div>' if isinstance(content, str) else figure_html(content, number, name=heading)
    )
    shown = f'<div class="split">{shown}{one.beside}</div>' if one.beside else shown
    place = _place(one)
    head = f'<h2 id="{place}-heading">{text_html(heading)}</h2>'
    said = f"<p>{text_html(text)}</p>" if text else ""
    return (
        f'<section id="{place}" aria-labelledby="{place}-heading"><div class="head">{head}{said}</div>{shown}</section>'
    )


def _place(one: _Made) -> str:
    """The address of a part within the page: `from-the-first-config-to-the-last`."""
    return re.sub(r"[^a-z0-9]+", "-", one.part.heading.lower()).strip("-")
