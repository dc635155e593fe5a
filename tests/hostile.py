"""A name that tries to break out of a page, a terminal, a script element and a template."""

HOSTILE = "</script><script>alert(1)</script>\x1b[31m%{customdata}<img src=x onerror=alert(1)>"
