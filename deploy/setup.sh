#!/usr/bin/env bash
# Make the virtual environment $1 with the packages locked in $2. Does nothing when it already is what these ask for.
set -euo pipefail

venv=$1
lock=$2
# the place counts too: an environment does not survive being moved
wanted="$(pwd) $(cat pyproject.toml "$lock" | cksum)"

if [[ -f "$venv/ready" && "$(cat "$venv/ready")" == "$wanted" ]] && "$venv/bin/python" -c '' 2>/dev/null; then
    exit 0
fi

is_fit() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    local candidate
    # first that of the system: built with all optimisations, which one that was compiled by hand often is not
    for candidate in "${PYTHON:-}" /usr/bin/python3 python3.12 python3.13 python3.11 python3 python3.14 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python3 /opt/homebrew/bin/python3 /usr/local/bin/python3; do
        if [[ -n "$candidate" ]] && command -v "$candidate" >/dev/null && is_fit "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    echo "Geen Python 3.11 of nieuwer gevonden. Installeer die (op Debian: apt install python3 python3-venv)," >&2
    echo "of wijs hem aan: make setup PYTHON=/pad/naar/python3" >&2
    return 1
}

check_start() {
    # what cannot work is said before anything is installed
    "$1" -B -m lab.ground.postgres_account
}

if command -v uv >/dev/null; then
    echo "Omgeving $venv wordt gemaakt met uv …"
    uv venv --quiet --clear --python '>=3.11' "$venv"
    check_start "$venv/bin/python"
    install=(uv pip install --quiet --python "$venv/bin/python")
else
    python=$(find_python)
    check_start "$python"
    echo "Omgeving $venv wordt gemaakt met $("$python" --version) ($python) …"
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 || [[ "$(cat "$venv/place" 2>/dev/null)" != "$(pwd)" ]]; then
        rm -rf "$venv"
        "$python" -m venv "$venv"
        pwd >"$venv/place"
    fi
    echo "Pakketten worden opgehaald en geïnstalleerd; de eerste keer duurt dat een paar minuten …"
    install=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input)
fi
# nothing that is not in the lock comes in, what builds this package included
"${install[@]}" --require-hashes --requirement "$lock"
"${install[@]}" --no-deps --no-build-isolation --editable .
echo "$wanted" >"$venv/ready"
echo "Klaar."
