#!/usr/bin/env bash
# Lock every dependency again, with hashes: the newest versions that pyproject.toml allows, for every Python it names.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v uv >/dev/null; then
    echo "uv ontbreekt; installeer het met: pip install uv" >&2
    exit 1
fi
lock() {
    uv pip compile pyproject.toml "$@" --universal --python-version 3.11 --generate-hashes --upgrade \
        --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet
}
# the build backend too, so that installing needs nothing that is not locked
build=$(mktemp)
trap 'rm -f "$build"' EXIT
sed -n 's/^requires = \["\(.*\)"\]$/\1/p' pyproject.toml >"$build"
lock --extra embedded --extra test "$build" --output-file deploy/requirements/develop.txt
lock "$build" --constraints deploy/requirements/develop.txt --output-file deploy/requirements/production.txt
echo "Klaar: deploy/requirements/develop.txt en production.txt."
