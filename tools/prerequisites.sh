#!/bin/sh
# Says in one line what is missing to build Guanxi from its source, and exits with 1. Silent when nothing is.
# Usage: tools/prerequisites.sh PYTHON
python=${1:-python3}
missing=

add() { missing="${missing:+$missing; }$1"; }

if ! version=$("$python" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null); then
    add "Python 3.11 or newer ($python not found)"
elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    add "Python 3.11 or newer ($python is $version; make PYTHON=/path/to/another takes another)"
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    add "Python's venv (on Debian and Ubuntu: apt install python3-venv)"
fi

if ! version=$(node --version 2>/dev/null); then
    add "Node.js 20 or newer (node not found)"
elif [ "$(echo "$version" | sed 's/^v\([0-9]*\).*/\1/')" -lt 20 ]; then
    add "Node.js 20 or newer (node is $version)"
elif ! command -v npm >/dev/null 2>&1; then
    add "npm, which comes with Node.js"
fi

if [ -n "$missing" ]; then
    echo "Guanxi needs: $missing" >&2
    exit 1
fi
