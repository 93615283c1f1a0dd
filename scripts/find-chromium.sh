#!/usr/bin/env bash
# Prints the path of a Chromium to test with. DAUYS_TEST_BROWSER overrules the look.
set -euo pipefail

if [ -n "${DAUYS_TEST_BROWSER:-}" ]; then
  printf '%s\n' "$DAUYS_TEST_BROWSER"
  exit 0
fi
for name in chromium chromium-browser google-chrome-stable google-chrome; do
  if command -v "$name"; then exit 0; fi
done
echo 'find-chromium: no Chromium found (Debian: apt-get install chromium); or set DAUYS_TEST_BROWSER' >&2
exit 1
