"""The colours of all figures on light and on dark pages: contrast, and vision in which some colours look the same."""

import json
import re
from itertools import combinations

import pytest

from envcfg import load_sweep, sample
from envcfg.figures import (
    diff,
    effect_intervals,
    event_study,
    mix_and_skill,
    multiples,
    parameter,
    task_mix,
    timeline,
    trajectories,
)
from envcfg.figures.run.task_mix import STRENGTH
from envcfg.figures.run.tasks import STRIP
from envcfg.figures.scheme import DARK, DARK_LINES, dark
from envcfg.figures.style import AREAS, INK, LINES, PAGE, PLATE, PLATE_INK, tinted

pytestmark = pytest.mark.needs("figures", "stats")

SCHEMES = {"light": (PAGE, INK, LINES), "dark": (DARK[PAGE], DARK[INK], DARK_LINES)}
VISION = {
    "usual": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""Linear RGB as people see it (Machado, Oliveira and Fernandes 2009, doi 10.1109/TVCG.2009.113, severity 1)."""
LMS = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
LAB = [
    [0.2104542553, 0.793617785, -0.0040720468],
    [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
]
"""OKLab (Ottosson 2020)."""


def channels(color, page):
    """The channels of a colour on a page, from 0 to 1; a transparent colour lets the page through."""
    if color.startswith("#"):
        return [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    *own, alpha = map(float, re.findall(r"[\d.]+", color))
    under = channels(page, page) if isinstance(page, str) else page
    return [alpha * value / 255 + (1 - alpha) * below for value, below in zip(own, under, strict=True)]


def linear(values):
    return [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]


def luminance(values):
    red, green, blue = linear(values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(color, page, under=None):
    """The contrast of WCAG 2: of *color* over *under* (on *page*), or over *page*."""
    ground = channels(under or page, page)
    high, low = sorted((luminance(channels(color, ground)), luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def times(matrix, values):
    return [sum(factor * value for factor, value in zip(row, values, strict=True)) for row in matrix]


def lab(color, vision):
    seen = [min(1.0, max(0.0, value)) for value in times(VISION[vision], linear(channels(color, color)))]
    return [100 * value for value in times(LAB, [value ** (1 / 3) for value in times(LMS, seen)])]


def distance(one, other, vision):
    sides = zip(lab(one, vision), lab(other, vision), strict=True)
    return sum((a - b) ** 2 for a, b in sides) ** 0.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("vision", VISION)
def test_any_two_colours_of_lines_differ_in_all_kinds_of_colour_vision(scheme, vision):
    _, _, lines = SCHEMES[scheme]
    assert min(distance(one, other, vision) for one, other in combinations(lines, 2)) >= 13.5


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_text_on_an_area_has_a_contrast_of_4_5(scheme):
    page, ink, _ = SCHEMES[scheme]
    assert min(contrast(ink, page, tinted(area, STRIP)) for area in AREAS) >= 4.5
    plates = (contrast_on_plate(page, tinted(area, STRENGTH)) for area in AREAS)
    assert min(plates) >= 4.5


def contrast_on_plate(page, area):
    ground = channels(PLATE, channels(area, page))
    return (luminance(ground) + 0.05) / (luminance(channels(PLATE_INK, page)) + 0.05)


@pytest.fixture(scope="module")
def figures():
    sweep = load_sweep(sample("sweep"))
    run, drawn = (
        next(run.history for run in sweep if run.name.endswith(name)) for name in ("schedule-1", "progress-1")
    )
    return [
        timeline(run),
        task_mix(drawn),
        mix_and_skill(drawn),
        diff(run.at("first"), run.at("last")),
        effect_intervals(run, invariant=True),
        *(draw(sweep) for draw in (event_study, multiples, parameter, trajectories)),
    ]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_has_a_contrast_of_4_5_and_every_line_one_of_3(scheme, figures):
    page, _, _ = SCHEMES[scheme]
    found = [json.loads((dark(figure) if scheme == "dark" else figure).to_json()) for figure in figures]
    assert {figure["layout"]["template"]["layout"]["paper_bgcolor"] for figure in found} == {page}
    low = {(color, round(contrast(color, page), 2)) for color in texts(found) if contrast(color, page) < 4.5}
    low |= {(color, round(contrast(color, page), 2)) for color in lines(found) if contrast(color, page) < 3}
    assert low == set()


def texts(figures):
    """The colours of all texts that stand on the page, not on a plate."""
    for each in members(figures):
        if "bgcolor" not in each or each["bgcolor"] != PLATE:
            fonts = [each[key] for key in ("font", "textfont", "tickfont") if key in each]
            colors = [font["color"] for font in fonts if "color" in font]
            yield from (color for one in colors for color in ([one] if isinstance(one, str) else one))
        yield from re.findall(r'style="color:(#\w+)', str(each.get("text", "")))


def lines(figures):
    """The colours of all lines and symbols, without those of areas and of the grid."""
    areas = {tinted(area, alpha) for area in AREAS for alpha in (STRIP, STRENGTH, 0.8)} | set(AREAS)
    for each in members(figures):
        drawn = [each[key] for key in ("line", "marker", "error_x") if isinstance(each.get(key), dict)]
        colors = [one["color"] for one in drawn if "color" in one and one.get("width", 1) > 0]
        yield from (
            color for color in colors if isinstance(color, str) and color not in areas and "127,127" not in color
        )


def members(value):
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from members(inner)
