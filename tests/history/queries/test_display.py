from html.parser import HTMLParser

from rich.console import Console

from envcfg import Tracker, load


def test_the_repr_of_a_history_is_one_line(staged):
    assert repr(load(staged)) == "<History 'staged': completed, steps 0 to 1,114, 2 changes, 3 configs, 3 tasks>"


def test_the_repr_of_an_empty_history_says_that_nothing_was_recorded(journal):
    Tracker(journal, run="empty").close()
    assert repr(load(journal)) == "<History 'empty': completed, nothing recorded, 0 changes, 0 configs, 0 tasks>"
    assert "<svg" not in load(journal)._repr_html_()


def test_in_a_notebook_a_history_is_a_table_with_a_tick_for_each_pixel_with_a_change(journal):
    with Tracker(journal, run="r") as tracker:
        for step in range(5001):
            tracker.record({"level": step}, step=step)
    page = load(journal)._repr_html_()
    assert "5,000 changes" in page
    assert page.count("M") <= 362
    assert "<script" not in page
    assert "currentColor" in page


def test_the_initial_config_has_no_tick(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 0}, step=0)
        tracker.record({"level": 1}, step=100)
    page = load(journal)._repr_html_()
    assert "1 change from step 0 to 100" in page
    assert page.count(" 4V24") == 1


def test_names_are_escaped_in_html_and_in_a_terminal(journal):
    hostile = "<img src=x onerror=alert(1)>\x1b[2J[bold]"
    with Tracker(journal, run=hostile, curriculum=hostile) as tracker:
        tracker.record({}, step=0, task=hostile)
    history = load(journal)
    tags = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, _attributes: tags.append(tag)
    parser.feed(history._repr_html_())
    assert "img" not in tags
    console = Console(force_terminal=True, width=200)
    with console.capture() as capture:
        console.print(history)
    assert "\x1b[2J" not in capture.get() + repr(history)
    assert "[bold]" in capture.get()
