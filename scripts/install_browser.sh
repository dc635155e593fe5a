#!/bin/sh
# Install Chromium, which the tests of figures and notebooks draw in, where there is none: `make browser`.
# Where it cannot be installed, say so and go on: those tests are then skipped, and say so too.

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
