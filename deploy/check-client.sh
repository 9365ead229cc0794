#!/bin/sh
# Compiles a typed TypeScript client against the OpenAPI document: proof that generators can read
# it. Writes to temporary folders alone; says so and succeeds where there is no Node.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
python=${PYTHON:-"$root/.venv/bin/python"}

for program in node npm; do
    if ! command -v "$program" >/dev/null 2>&1; then
        echo "check-client: skipped, there is no $program here"
        exit 0
    fi
done

export npm_config_cache="${TMPDIR:-/tmp}/banister-npm-cache-$(id -u)"
export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

(cd "$root" && "$python" - >"$work/openapi.json") <<'END'
import json

from app.core.config import Settings
from app.main import create_app

settings = Settings(_env_file=None, environment="test", secret_key="only to make the document")
print(json.dumps(create_app(settings).openapi()))
END

cp "$root/tests/client/"*.ts "$root/tests/client/tsconfig.json" "$work"
cd "$work"
echo '{"private": true, "type": "module"}' >package.json
npm install --silent --prefer-offline --no-package-lock --no-save \
    openapi-typescript@7 openapi-fetch@0.17 typescript@5.9
npx --no-install openapi-typescript openapi.json --output api.d.ts >/dev/null
npx --no-install tsc --project tsconfig.json
echo "check-client: the typed client compiles"
