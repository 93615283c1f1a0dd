#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own: a fresh cluster in a temporary
# directory, on a free loopback port, with a random password and fsync on. The
# command finds its address in DAUYS_TEST_POSTGRES. The cluster is stopped and
# erased when the command ends, however it ends; no other cluster is touched.
#
#   scripts/with-postgres.sh go test ./internal/store/...
#
# PG_BIN names the directory of initdb and postgres when they are not found.
# shellcheck disable=SC2317 # the functions of the traps are reached
set -euo pipefail

say() { printf 'with-postgres: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

[ $# -gt 0 ] || die "usage: with-postgres.sh COMMAND [ARGUMENT...]"

# Version 15 is the oldest one supported, so it is the one tested when it is there.
find_bin() {
  local dir
  for dir in "${PG_BIN:-}" /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin; do
    if [ -n "$dir" ] && [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ]; then
      printf '%s\n' "$dir"
      return
    fi
  done
  if command -v initdb >/dev/null && command -v postgres >/dev/null; then
    dirname "$(command -v initdb)"
    return
  fi
  return 1
}
bin=$(find_bin) || die "no PostgreSQL server found (Debian: apt-get install postgresql-15); or set PG_BIN"

# initdb refuses root, so as root everything of the cluster runs as another user.
run_as=()
owner=$(id -un)
if [ "$(id -u)" = 0 ]; then
  owner=${PG_USER:-postgres}
  id -u "$owner" >/dev/null 2>&1 || die "user $owner is not there to own the cluster; set PG_USER"
  run_as=(runuser -u "$owner" --)
fi

dir=$(mktemp -d -t dauys-pg.XXXXXX)
data=$dir/data
child=

# The postmaster's pid is read from the data directory that was made above, so
# that only this cluster can be meant.
postmaster() { head -n 1 "$data/postmaster.pid" 2>/dev/null || true; }
alive() { [ -n "$1" ] && kill -0 "$1" 2>/dev/null; }

stop_cluster() {
  local pid i
  pid=$(postmaster)
  alive "$pid" || return 0
  kill -INT "$pid" 2>/dev/null || true # fast: sessions are ended, data is flushed
  for i in $(seq 100); do
    alive "$pid" || return 0
    [ "$i" != 90 ] || kill -QUIT "$pid" 2>/dev/null || true
    sleep 0.1
  done
  say "postmaster $pid did not stop; its files stay in $dir"
  return 1
}

cleanup() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  if [ -n "$child" ] && alive "$child"; then
    kill -TERM "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
  fi
  if stop_cluster; then rm -rf "$dir"; fi
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" >"$dir/password"
if [ ${#run_as[@]} -gt 0 ]; then chown -R "$owner" "$dir"; fi
${run_as[@]+"${run_as[@]}"} test -w "$dir" || die "user $owner cannot write below $dir; set TMPDIR to a directory it can reach"

say "making a cluster with $("$bin/postgres" --version | sed 's/.*) //')"
(cd "$dir" && ${run_as[@]+"${run_as[@]}"} "$bin/initdb" --pgdata="$data" --username=dauys --pwfile="$dir/password" \
  --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1) || {
  cat "$dir/initdb.log" >&2
  die "initdb failed"
}

# A port can be taken between the look and the start, so the start decides and
# another port is tried. Ready is what the server writes below its pid.
start_on() {
  local port=$1 i
  (
    cd "$dir"
    exec ${run_as[@]+"${run_as[@]}"} "$bin/postgres" -D "$data" -p "$port" \
      -c listen_addresses=127.0.0.1 -c unix_socket_directories="$dir" \
      -c max_connections=200 -c log_min_messages=warning
  ) </dev/null >"$dir/server.log" 2>&1 &
  local server=$!
  for i in $(seq 300); do
    if grep -q ready "$data/postmaster.pid" 2>/dev/null; then return 0; fi
    if ! kill -0 "$server" 2>/dev/null; then return 1; fi
    sleep 0.1
  done
  return 1
}

port=
for attempt in 1 2 3 4 5 6 7 8; do
  try=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
  if (exec 3<>"/dev/tcp/127.0.0.1/$try") 2>/dev/null; then continue; fi
  if start_on "$try"; then
    port=$try
    break
  fi
  if ! grep -q 'could not bind\|could not create any TCP' "$dir/server.log"; then break; fi
  say "port $try was taken, trying another (attempt $attempt)"
done
[ -n "$port" ] || {
  tail -n 20 "$dir/server.log" >&2 || true
  die "the cluster did not start"
}

PGPASSWORD=$password "$bin/createdb" -h 127.0.0.1 -p "$port" -U dauys dauys_test
export DAUYS_TEST_POSTGRES="postgres://dauys:$password@127.0.0.1:$port/dauys_test?sslmode=disable"
say "ready on port $port"

# In the background, so that a signal to this script reaches its traps at once.
"$@" <&0 &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
