#!/bin/sh
# PostgreSQL for the tests that try it: from the system's packages when root and absent; else those tests skip and say so.
set -u
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing PostgreSQL for the tests (once)"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y postgresql; } >/dev/null 2>&1 ||
        echo "PostgreSQL could not be installed: what needs it skips"
fi
