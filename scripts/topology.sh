#!/usr/bin/env bash
# A whole country on one machine: three etcd, a primary and a synchronous
# standby under Patroni with pgbouncer before each, two dauys servers and a
# balancer, each in a network namespace of its own. Root is needed, and of
# Debian: postgresql-15 patroni python3-etcd etcd-server pgbouncer haproxy.
#
#   scripts/topology.sh up              start everything; prints where it is
#   scripts/topology.sh exec COMMAND    run a command where everything is reached
#   scripts/topology.sh status          what Patroni says
#   scripts/topology.sh kill NODE       kill -9 of everything on a node
#   scripts/topology.sh start NODE      start it again
#   scripts/topology.sh cut NODE        unplug its cable; `heal NODE` plugs it in
#   scripts/topology.sh down            stop everything and erase it
#   scripts/topology.sh run COMMAND     without dauys and balancer: up, exec, down
#
# Nodes: e1 e2 e3 (etcd), p1 p2 (databases), a1 a2 (dauys), lb. Everything is
# below TOPOLOGY_DIR (dauys-topology among temporary files); only namespaces and processes
# listed there are ever touched.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'topology: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

dir=${TOPOLOGY_DIR:-${TMPDIR:-$(dirname "$(mktemp -u -t x.XXXXXX)")}/dauys-topology}
net=10.77.0
etcds=(e1 e2 e3)
bases=(p1 p2)
servers=(a1 a2)
declare -A host=([hub]=1 [e1]=11 [e2]=12 [e3]=13 [p1]=21 [p2]=22 [a1]=31 [a2]=32 [lb]=40)
nodes=("${etcds[@]}" "${bases[@]}" "${servers[@]}" lb)

addr() { echo "$net.${host[$1]}"; }
ns() { echo "$(cat "$dir/id")-$1"; }
inside() { local node=$1; shift; ip netns exec "$(ns "$node")" "$@"; }
as_postgres() { runuser -u postgres -- "$@"; }
known() { [ -n "${host[$1]:-}" ] || die "no node $1"; }
secret() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

needs() {
  [ "$(id -u)" = 0 ] || die "namespaces need root"
  local tool
  for tool in ip patroni etcd pgbouncer haproxy runuser; do
    command -v "$tool" >/dev/null || die "$tool is not installed; Debian: apt-get install postgresql-15 patroni python3-etcd etcd-server pgbouncer haproxy"
  done
  pg=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | head -n 1)
  [ -n "$pg" ] || die "no PostgreSQL server; Debian: apt-get install postgresql-15"
}

cable() { # a namespace for a node, and a cable to the bridge of the hub
  local node=$1 name
  name=$(ns "$node")
  ip netns add "$name"
  ip -n "$name" link set lo up
  ip -n "$(ns hub)" link add "v-$node" type veth peer name eth0 netns "$name"
  ip -n "$(ns hub)" link set "v-$node" master br0 up
  ip -n "$name" addr add "$(addr "$node")/24" dev eth0
  ip -n "$name" link set eth0 up
}

wire() {
  ip netns add "$(ns hub)"
  ip -n "$(ns hub)" link set lo up
  ip -n "$(ns hub)" link add br0 type bridge
  ip -n "$(ns hub)" addr add "$(addr hub)/24" dev br0
  ip -n "$(ns hub)" link set br0 up
  local node
  for node in "${nodes[@]}"; do cable "$node"; done
}

# The example's settings with this topology's addresses and secrets in them.
fill() {
  local node=$1 text
  text=$(cat "packaging/country/$2")
  text=${text//@NODE@/$node}; text=${text//@ADDR@/$(addr "$node")}; text=${text//@NET@/$net}
  text=${text//@E1@/$(addr e1)}; text=${text//@E2@/$(addr e2)}; text=${text//@E3@/$(addr e3)}
  text=${text//@P1@/$(addr p1)}; text=${text//@P2@/$(addr p2)}; text=${text//@A1@/$(addr a1)}; text=${text//@A2@/$(addr a2)}
  text=${text//@DIR@/$dir/$node}; text=${text//@BIN@/$pg}; text=${text//@PASSWORD@/$(cat "$dir/secret")}
  printf '%s\n' "$text"
}

spawn() { # a node's program, in its namespace and a session of its own
  local node=$1; shift
  inside "$node" setsid "$@" </dev/null >>"$dir/$node/log" 2>&1 &
}

start_node() {
  local node=$1
  mkdir -p "$dir/$node"
  case $node in
    e?) spawn "$node" etcd --name "$node" --data-dir "$dir/$node/etcd" --listen-peer-urls "http://$(addr "$node"):2380" \
          --initial-advertise-peer-urls "http://$(addr "$node"):2380" --listen-client-urls "http://$(addr "$node"):2379" \
          --advertise-client-urls "http://$(addr "$node"):2379" --initial-cluster-state new --heartbeat-interval 200 --election-timeout 2000 \
          --initial-cluster "e1=http://$(addr e1):2380,e2=http://$(addr e2):2380,e3=http://$(addr e3):2380" ;;
    p?)
      fill "$node" patroni.yml >"$dir/$node/patroni.yml"
      fill "$node" pgbouncer.ini >"$dir/$node/pgbouncer.ini"
      printf '"dauys" "%s"\n' "$(cat "$dir/secret")" >"$dir/$node/userlist.txt"
      chown -R postgres "$dir/$node"; chmod 0700 "$dir/$node"
      spawn "$node" runuser -u postgres -- patroni "$dir/$node/patroni.yml"
      spawn "$node" runuser -u postgres -- pgbouncer "$dir/$node/pgbouncer.ini" ;;
    a?)
      spawn "$node" env DAUYS_ADDR="$(addr "$node"):8080" DAUYS_URL="http://$(addr lb)" DAUYS_DATABASE="$(cat "$dir/database")" \
        DAUYS_LISTEN="$(cat "$dir/direct")" DAUYS_KEYS="$dir/keys" DAUYS_MAIL="file:$dir/mail" DAUYS_TRUSTED_PROXIES="$net.0/24" "$dir/dauys" serve ;;
    lb) fill lb haproxy.cfg >"$dir/lb/haproxy.cfg"; spawn lb haproxy -f "$dir/lb/haproxy.cfg" ;;
  esac
}

await() { # WHAT SECONDS COMMAND
  local what=$1 n=$2 i; shift 2
  for ((i = 0; i < n * 4; i++)); do
    if "$@" >/dev/null 2>&1; then return 0; fi
    sleep 0.25
  done
  die "not within $n s: $what; see the logs below $dir"
}

quorum() { inside hub curl -fsS -m 2 "http://$(addr e1):2379/health"; }
synchronous() { inside hub curl -fsS -m 2 "http://$(addr p1):8008/cluster" | grep -q sync_standby; }
leader() { inside hub curl -fsS -m 2 -o /dev/null "http://$(addr p1):8008/primary" || inside hub curl -fsS -m 2 -o /dev/null "http://$(addr p2):8008/primary"; }
bouncing() { PGPASSWORD=$(cat "$dir/secret") inside hub "$pg/psql" -h "$(addr p1)" -p 6432 -U dauys -d dauys -c 'select 1'; }

up_databases() {
  needs
  down
  mkdir -p "$dir"; chmod 0755 "$dir"
  echo "dt$$" >"$dir/id"
  secret >"$dir/secret"; chmod 0600 "$dir/secret"
  printf 'postgres://dauys:%s@%s:6432,%s:6432/dauys?sslmode=disable&target_session_attrs=read-write' "$(cat "$dir/secret")" "$(addr p1)" "$(addr p2)" >"$dir/database"
  printf 'postgres://dauys:%s@%s:5432,%s:5432/dauys?sslmode=disable&target_session_attrs=read-write' "$(cat "$dir/secret")" "$(addr p1)" "$(addr p2)" >"$dir/direct"
  chmod 0600 "$dir/database" "$dir/direct"
  wire
  local node
  for node in "${etcds[@]}"; do start_node "$node"; done
  await "etcd" 30 quorum
  for node in "${bases[@]}"; do start_node "$node"; done
  await "a primary" 90 leader
  await "a synchronous standby" 90 synchronous
  PGPASSWORD=$(cat "$dir/secret") inside hub "$pg/psql" -q "$(sed 's,/dauys?,/postgres?,' "$dir/direct")" -c 'create database dauys'
  await "pgbouncer" 30 bouncing
}

up() {
  up_databases
  CGO_ENABLED=0 go build -o "$dir/dauys" .
  local node
  for node in "${servers[@]}" lb; do start_node "$node"; done
  await "a server behind the balancer" 60 inside hub curl -fsS -m 2 "http://$(addr lb)/readyz"
  say "the site is at http://$(addr lb) inside the namespace $(ns hub):"
  say "  scripts/topology.sh exec curl -s http://$(addr lb)/petitions.json"
  say "letters are in $dir/mail; scripts/topology.sh down ends it"
}

pids_of() { ip netns pids "$(ns "$1")" 2>/dev/null || true; }

kill_node() {
  local pid
  for pid in $(pids_of "$1"); do kill -KILL "$pid" 2>/dev/null || true; done
}

down() {
  [ -f "$dir/id" ] || return 0
  local node pid
  for node in lb "${servers[@]}" "${bases[@]}" "${etcds[@]}"; do
    for pid in $(pids_of "$node"); do kill -TERM "$pid" 2>/dev/null || true; done
  done
  sleep 1
  for node in "${nodes[@]}"; do
    kill_node "$node"
    ip netns del "$(ns "$node")" 2>/dev/null || true
  done
  ip netns del "$(ns hub)" 2>/dev/null || true
  rm -rf "$dir"
}

cmd=${1:-help}
[ $# = 0 ] || shift
case $cmd in
  up) up ;;
  down) down ;;
  status) [ -f "$dir/id" ] || die "nothing is up"; inside hub curl -fsS "http://$(addr "${1:-p1}"):8008/cluster" ;;
  exec) inside hub "$@" ;;
  kill) known "$1"; kill_node "$1" ;;
  start) known "$1"; needs; start_node "$1" ;;
  cut) known "$1"; ip -n "$(ns hub)" link set "v-$1" down ;;
  heal) known "$1"; ip -n "$(ns hub)" link set "v-$1" up ;;
  run)
    export TOPOLOGY_DIR=$dir
    trap down EXIT
    trap 'exit 130' INT TERM HUP
    up_databases
    DAUYS_TEST_TOPOLOGY=$dir inside hub "$@" ;;
  *) sed -n '2,/^set/p' "$0" | sed -n 's/^# \{0,1\}//p'; exit 2 ;;
esac
