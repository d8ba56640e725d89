#!/bin/sh
# Has a Chromium for the tests in a browser, and a font with Chinese characters: the system's package where root may
# install it, Playwright's own elsewhere. Usage: tools/browser.sh PYTHON
set -e
python=$1

have_font() { ! command -v fc-list >/dev/null 2>&1 || fc-list :lang=zh | grep -q .; }

if [ -x /usr/bin/chromium ] && have_font; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "» Chromium and a Chinese font (apt-get)"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    if apt-get install -qq -y --no-install-recommends chromium fonts-noto-cjk >/dev/null; then
        exit 0
    fi
fi
if [ ! -x /usr/bin/chromium ]; then
    echo "» Chromium (playwright install)"
    "$python" -m playwright install chromium
fi
