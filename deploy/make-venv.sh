#!/bin/sh
# Makes .venv from the pinned requirements and installs the program into it, so that it is
# imported from here. PYTHON names another interpreter than the first one that is new enough.
set -eu

cd "$(dirname "$0")/.."

is_new_enough() {
    command -v "$1" >/dev/null 2>&1 &&
        "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python3.14; do
    if is_new_enough "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "make: Python 3.11 or newer is needed" >&2
    exit 1
fi

echo "Installing into .venv, once ..."
if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --allow-existing --no-python-downloads --python "$("$python" -c 'import sys; print(sys.executable)')" .venv
    uv pip install --quiet --python .venv/bin/python --compile-bytecode \
        --require-hashes --requirement requirements-dev.txt
    uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
else
    "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --require-hashes --requirement requirements-dev.txt
    .venv/bin/python -m pip install --quiet --disable-pip-version-check \
        --no-deps --no-build-isolation --editable .
fi
