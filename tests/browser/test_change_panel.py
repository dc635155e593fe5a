"""The list of changes and the panel of the selected one, in a real browser with the network cut."""

import pytest
from browsing import go_to, open_page, point_at
from hostile_run import record_hostile

from envcfg import Cause, Tracker, load_sweep
from envcfg.figures.pages.report import report

READY = "document.getElementById('change-picker')?.hidden === false"
LINE = "document.querySelector('.js-plotly-plot').layout.shapes.at(-1).x0"
FOCUSED = "document.activeElement.id"
AS_OPENED = """() => {
    history.replaceState(null, "", location.pathname);
    const list = document.getElementById("change-list");
    list.selectedIndex = 1;
    list.dispatchEvent(new Event("change"));
    document.getElementById("change-panel").classList.remove("pinned");
    document.activeElement.blur();
    scrollTo(0, 0);
}"""


def opened(visit, tmp_path, source):
    return open_page(visit, tmp_path, report(load_sweep(source)), until=READY)


@pytest.fixture(scope="module")
def first(forage):
    """The title, the edits and the line of the change that the page shows when it is opened."""
    forage.page.wait_for_function(f"{LINE} > 0")
    return title(forage.page), edits(forage.page), forage.page.evaluate(LINE)


@pytest.fixture
def shown(forage, first):
    """The report of the sample run as it is when it is opened. All these tests use one page."""
    forage.page.emulate_media(media="screen", color_scheme="light")
    forage.page.mouse.move(1, 1)
    forage.page.evaluate(AS_OPENED)
    return forage.page


def click_at(page, step, **place):
    point_at(page, step, **place)
    page.mouse.down()
    page.mouse.up()


def title(page):
    return page.locator("#change-title").text_content()


def wait_for_title(page, text):
    page.wait_for_function("text => document.getElementById('change-title').textContent === text", arg=text)


def edits(page):
    rows = page.locator("#change-panel tbody tr")
    return [tuple(row.locator("td").all_text_contents()) for row in rows.all()]


def test_the_panel_first_shows_the_change_that_the_answer_names(forage, first):
    name, its_edits, step = first
    assert (name, step) == ("Change 1", 22_589)
    assert ("game.map_builder.objects.wall", "0", "12") in its_edits
    assert (forage.outside, forage.errors) == ([], [])


def test_a_click_on_a_mark_pins_what_it_changed(shown):
    click_at(shown, 78_870, row="yaxis")
    wait_for_title(shown, "Change 2")
    assert ("game.map_builder.height", "12", "16") in edits(shown)
    facts = shown.locator("#change-panel dd").all_text_contents()
    cause = "curriculum: returns 0.8529 (threshold 0.85)"
    assert facts == ["78,870 to 79,182", "at step 78,848", "77", "forage/grove", cause, "16 slots"]
    shown.mouse.move(1, 1)
    assert title(shown) == "Change 2"
    shown.wait_for_function(f"{LINE} === 78870")


def test_a_click_between_marks_shows_the_change_before(shown):
    click_at(shown, 110_000)
    shown.wait_for_function(f"{LINE} === 78870")
    click_at(shown, 280_000)
    wait_for_title(shown, "Change 4")


def test_the_keyboard_reaches_every_change_and_its_panel(shown):
    keys = shown.keyboard
    while shown.evaluate(FOCUSED) != "change-list":
        keys.press("Tab")
        assert shown.evaluate("document.activeElement !== document.body")
    assert shown.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    seen = []
    for key in ("Home", "ArrowDown", "End", "ArrowUp"):
        keys.press(key)
        seen.append(title(shown))
    assert seen == ["Initial config (number 0)", "Change 1", "Change 4", "Change 3"]
    keys.press("Tab")
    assert shown.evaluate(FOCUSED) == "change-panel"
    keys.press("Tab")
    keys.press("Enter")
    assert title(shown) == "Change 2"


def test_assistive_technology_finds_the_list_the_panel_and_the_figures_by_name(shown):
    assert shown.get_by_role("listbox", name="Changes").get_by_role("option").count() == 5
    assert shown.get_by_role("region", name="Change 1", exact=True).count() >= 1
    assert shown.get_by_role("navigation", name="Contents").get_by_role("link").count() == 9
    assert shown.get_by_role("img", name="Timeline", exact=True).count() == 1
    described = "e => document.getElementById(e.getAttribute('aria-describedby')).textContent"
    assert shown.locator("#figure-0").evaluate(described).startswith("samples/forage: 4 changes in 307,200 steps")


def test_rows_and_cards_lead_to_their_change_and_a_change_leads_to_its_card(shown):
    shown.locator("section#changes a", has_text="2").click()
    assert title(shown) == "Change 2"
    shown.locator("#change-panel a.go").click()
    assert shown.evaluate("document.querySelector(':target').dataset.first") == "2"
    shown.locator("article#effect-4 a.go").click()
    assert title(shown) == "Change 4"
    assert shown.evaluate(FOCUSED) == "change-list"


def test_the_address_of_a_page_may_name_a_change(visit, forage_report):
    assert title(go_to(visit, f"{forage_report}#change-2", until=READY)) == "Change 2"


def test_on_a_narrow_page_the_panel_stays_in_sight_until_it_is_closed(visit, forage_report):
    visit.page.set_viewport_size({"width": 400, "height": 800})
    page = go_to(visit, forage_report, until=READY)
    click_at(page, 222_271, row="yaxis")
    wait_for_title(page, "Change 4")
    box = page.locator("#change-panel").bounding_box()
    assert 400 < box["y"] < box["y"] + box["height"] <= 801
    page.get_by_role("button", name="Close the panel").click()
    assert page.locator("#change-panel").bounding_box()["y"] > 800


CUT = """() => [...document.querySelectorAll("figure.drawn")].flatMap(figure => {
    const frame = figure.getBoundingClientRect();
    const isCut = ({left, right, top, bottom}) =>
        left < frame.left - 2 || right > frame.right + 2 || top < frame.top - 2 || bottom > frame.bottom + 2;
    const texts = [...figure.querySelectorAll(".main-svg text")].filter(text => text.textContent.trim());
    return texts.filter(text => isCut(text.getBoundingClientRect())).map(text => text.textContent);
})"""
ALL_DRAWN = "document.querySelectorAll('figure.drawn').length === document.querySelectorAll('figure').length"
CONTRAST = """() => {
    const channel = value => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4;
    const light = color => {
        const [red, green, blue] = color.match(/[\\d.]+/g).map(value => channel(value / 255));
        return .2126 * red + .7152 * green + .0722 * blue;
    };
    const ratio = (...colors) => {
        const [low, high] = colors.map(light).sort((one, other) => one - other);
        return (high + .05) / (low + .05);
    };
    const ground = e => e === document.documentElement || !/, 0\\)$/.test(getComputedStyle(e).backgroundColor)
        ? getComputedStyle(e).backgroundColor : ground(e.parentElement);
    const texts = "h1, h2, h3, p, a, dt, dd, th, td, #change-list, #change-panel button:enabled";
    const shown = [...document.querySelectorAll(texts)].filter(e => e.offsetParent);
    return Math.min(...shown.map(e => ratio(getComputedStyle(e).color, ground(e))));
}"""


@pytest.mark.parametrize("width", [400, 800, 1600])
def test_a_report_fits_the_page_and_its_text_stands_out(visit, forage_report, width):
    visit.page.set_viewport_size({"width": width, "height": 900})
    page = go_to(visit, forage_report, until=READY)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is (scheme == "dark")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        left = page.locator("#figure-0").bounding_box()
        assert (page.locator("#change-panel").bounding_box()["x"] >= left["x"] + left["width"]) is (width == 1600)
        assert page.evaluate(CONTRAST) >= 4.5
        page.wait_for_function(f"{ALL_DRAWN} && ({CUT})().length === 0")


def test_print_shows_the_panel_in_black_on_white_without_its_controls(shown):
    page = shown
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("#change-panel").is_visible()
    assert not any(one.is_visible() for one in page.locator("nav, #change-list, #change-panel button").all())
    colors = page.evaluate("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
    assert colors == ["rgb(255, 255, 255)", "rgb(34, 34, 34)"]


def test_a_printed_page_does_not_end_with_a_heading(shown):
    shown.emulate_media(media="print")
    rules = "e => [getComputedStyle(e).breakAfter, getComputedStyle(e).breakInside]"
    heads = shown.locator("section > .head").all()
    assert len(heads) == shown.locator("h2").count() == 9
    assert {tuple(head.evaluate(rules)) for head in heads} == {("avoid", "avoid")}
    assert {figure.evaluate(rules)[1] for figure in shown.locator("figure").all()} == {"avoid"}


def test_names_that_attack_are_text_in_the_list_and_in_the_panel(visit, tmp_path):
    page = opened(visit, tmp_path, record_hostile(tmp_path / "run"))
    page.locator("#change-list").press("End")
    panel = page.locator("#change-panel")
    assert (title(page), "alert(1)" in panel.inner_text()) == ("Change 2", True)
    assert panel.locator("img, script, iframe").count() == page.locator("#change-list *:not(option)").count() == 0
    assert (visit.outside, visit.errors, visit.dialogs) == ([], [], [])


def test_without_javascript_the_summaries_and_the_tables_are_there_and_no_empty_list(chromium, forage_report):
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.goto(forage_report)
    assert all(summary.bounding_box()["height"] > 10 for summary in page.locator("figcaption").all())
    assert page.locator("section#changes table").is_visible()
    assert not page.locator("#change-list").is_visible()
    context.close()


FAILS = """
    let plotly;
    Object.defineProperty(window, "Plotly", {get: () => plotly, set(found) {
        const draw = found.newPlot;
        const newPlot = (place, ...rest) =>
            place.id === "figure-NUMBER" ? Promise.reject("<b>no</b>") : draw(place, ...rest);
        plotly = Object.assign(found, {newPlot});
    }});
"""


@pytest.mark.parametrize("number", [0, 1])
def test_a_figure_that_cannot_be_drawn_costs_only_itself(visit, forage_report, number):
    visit.page.add_init_script(FAILS.replace("NUMBER", str(number)))
    page = go_to(visit, forage_report, until=READY)
    assert "This figure could not be drawn: <b>no</b>." in page.locator(f"#figure-{number}").inner_text()
    assert page.locator("figure.drawn").count() == 3
    page.locator("#change-list").press("End")
    assert title(page) == "Change 4"
    assert visit.errors == []


@pytest.mark.slow
def test_ten_thousand_changes_are_listed_and_the_last_one_is_shown(visit, tmp_path):
    with Tracker(tmp_path / "run" / "envcfg", run="long") as tracker:
        for step in range(10_001):
            tracker.record({"level": step}, step=step, task=f"task {step % 9}", cause=Cause("schedule"))
    page = opened(visit, tmp_path, tmp_path / "run")
    page.locator("#change-list").press("End")
    assert (title(page), edits(page)) == ("Change 10,000", [("level", "9999", "10000")])
    assert page.locator("#change-list option").count() == 10_001
    assert visit.errors == []
