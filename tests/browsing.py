"""A page in a browser that reaches nothing but this machine."""

from contextlib import contextmanager
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Visit:
    """A page, with what it asked outside of this machine, and what went wrong in it."""

    def __init__(self, context):
        self.outside, self.errors, self.dialogs = [], [], []
        context.route(lambda url: not is_local(url), self._refuse)
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))

    def _refuse(self, route):
        self.outside.append(route.request.url)
        route.abort()


@contextmanager
def visiting(chromium):
    """A page of its own in the browser."""
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    yield Visit(context)
    context.close()


def is_local(url):
    return urlsplit(url).scheme in {"file", "data", "blob", "about"} or urlsplit(url).hostname in LOOPBACK


def open_page(visit, folder, text, *, until):
    """Opens the HTML *text* with the network cut, and waits until the JavaScript *until* is true."""
    (folder / "page.html").write_text(text, encoding="utf-8")
    return go_to(visit, (folder / "page.html").as_uri(), until=until)


def go_to(visit, address, *, until):
    """Opens a page with the network cut, and waits until the JavaScript *until* is true."""
    visit.page.context.set_offline(True)
    visit.page.goto(address)
    visit.page.wait_for_function(until, timeout=120_000)  # milliseconds: a busy machine draws slowly
    return visit.page


def point_at(browser_page, step, *, row="yaxis2", height=0.5):
    """Where *step* is on the screen, in a row of the first figure."""
    browser_page.evaluate("document.querySelector('.js-plotly-plot').scrollIntoView()")  # a long answer may be above it
    x, y = browser_page.evaluate(
        """([step, row, height]) => {
            const g = document.querySelector('.js-plotly-plot'), l = g._fullLayout, box = g.getBoundingClientRect();
            return [box.x + l._size.l + l.xaxis.d2p(step), box.y + l[row]._offset + height * l[row]._length];
        }""",
        [step, row, height],
    )
    browser_page.mouse.move(x - 3, y)
    browser_page.mouse.move(x, y)
