#!/bin/sh
# Install Chromium for the tests of figures and notebooks, if there is none: `make browser`.
# If it cannot be installed, print a message and exit with status 0. Those tests are then skipped.

for name in chromium chromium-browser google-chrome; do
    command -v "$name" > /dev/null && exit 0
done

if [ "$(id -u)" -eq 0 ]; then
    as_root=
elif command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
    as_root="sudo -n"
else
    echo "No Chromium, and no right to install it: the browser tests will be skipped (apt-get install chromium)"
    exit 0
fi

if ! { $as_root apt-get update -qq && $as_root apt-get install -qq -y --no-install-recommends chromium; } > /dev/null 2>&1; then
    echo "No Chromium, and apt-get could not install it: the browser tests will be skipped"
fi
