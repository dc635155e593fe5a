"""A page in a browser that reaches nothing but this machine."""

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


def is_local(url):
    return urlsplit(url).scheme in {"file", "data", "blob", "about"} or urlsplit(url).hostname in LOOPBACK
