# shellcheck shell=bash
# Whole sites for tests: a private database, the schema service, every migration, the records service, on free ports in a
# temporary folder, with the built binaries. Sourced; everything is stopped by pid when the script ends.
#
#   start_site azure          afterwards: bonnie …, address azure records, root_sql azure 'SELECT …'
#   start_site azure --base   without migrations and records service
#   make_peers azure gcp      before they start: their schema services know each other
#
# $work holds client.textproto, pki/ and a folder per site. $BONNIE_BUILD_DIR: default build/release.
# $BONNIE_TEST_ENGINE: mariadb (default) or mysql.

BONNIE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$BONNIE_ROOT/tests/deploy/expect.sh"
# shellcheck source=deploy/local/lib/common.sh
. "$BONNIE_ROOT/deploy/local/lib/common.sh"

bin=${BONNIE_BUILD_DIR:-$BONNIE_ROOT/build/release}/bin
work=$(mktemp -d "${TMPDIR:-/tmp}/e2e-XXXXXX")
pki=$work/pki
declare -A ports=()
sites=()
peers=()
trap 'end_sites' EXIT

start_site() {  # SITE [--base]
  local site=$1 dir=$work/$1
  mkdir -p "$dir"
  sites+=("$site")
  "$BONNIE_ROOT/tests/support/test-database" start --dir "$dir/db" || die "$site: no database"
  [[ -d $pki ]] || cp -a "$dir/db/pki" "$pki"
  [[ -s $work/page-token.key ]] || (umask 077 && openssl rand -hex 32 >"$work/page-token.key")
  [[ -d $dir/migrations ]] || cp -r "$BONNIE_ROOT/migrations" "$dir/migrations"
  ports[$site-records]=$(free_port)
  ports[$site-schema]=${ports[$site-schema]:-$(free_port)}
  write_configuration
  start_service "$site" schema
  [[ ${2:-} != --base ]] || return 0
  bonnie --site "$site" schema upgrade head --yes --allow kept-elsewhere >"$dir/upgrade.log" 2>&1 || die "$site: no upgrade: $(<"$dir/upgrade.log")"
  start_records "$site"
}

make_peers() {  # SITE…
  local site
  peers=("$@")
  for site in "$@"; do ports[$site-schema]=$(free_port); done
}

# The records service, which needs its tables and its rights on them.
start_records() {  # SITE
  mariadb --defaults-file="$work/$1/db/root.cnf" bonnie <"$BONNIE_ROOT/deploy/mysql/records.sql"
  start_service "$1" records
}

start_service() {  # SITE records|schema
  local dir=$work/$1 end=$((SECONDS + 30))
  "$bin/bonnie-$2" --config "$dir/$2.textproto" >"$dir/$2.out" 2>&1 &
  echo $! >"$dir/$2.pid"
  until service_serves "$1" "$2"; do
    process_lives "$(<"$dir/$2.pid")" || die "$1 $2 ended: $(tail -n 3 "$dir/$2.out" "$dir/$2.log" 2>/dev/null)"
    ((SECONDS < end)) || die "$1 $2 does not serve: $(bonnie --site "$1" status 2>&1) $(tail -n 3 "$dir/$2.log")"
    sleep 0.1
  done
}

service_serves() {  # SITE records|schema; the other one may be away
  port_is_free "${ports[$1-$2]}" && return 1
  { bonnie --site "$1" --output json status 2>/dev/null || true; } | jq -e --arg service "$2" '.[$service].health == "SERVING"' >/dev/null
}

stop_service() {  # SITE records|schema [SIGNAL]
  local pid
  pid=$(<"$work/$1/$2.pid")
  kill "-${3:-TERM}" "$pid"
  wait "$pid" 2>/dev/null || true
}

end_sites() {
  local code=$? site service
  for site in "${sites[@]}"; do
    for service in records schema; do
      [[ -s $work/$site/$service.pid ]] || continue
      kill -KILL "$(<"$work/$site/$service.pid")" 2>/dev/null || continue
      wait "$(<"$work/$site/$service.pid")" 2>/dev/null || true
    done
    "$BONNIE_ROOT/tests/support/test-database" kill --dir "$work/$site/db" || true
  done
  if ((code != 0 && code != 77)); then tail -n 5 "$work"/*/*.log "$work"/*/*.out 2>/dev/null; fi
  rm -rf "$work"
  exit "$code"
}

bonnie() { "$bin/bonnie" --config "$work/client.textproto" "$@"; }

# As another identity of the PKI, such as reader or variants/other-ca-client.
bonnie_as() {  # IDENTITY ARGUMENT…
  local identity=$1 file=$work/${1//\//-}.textproto
  shift
  sed "s|pki/client|pki/$identity|g" "$work/client.textproto" >"$file"
  "$bin/bonnie" --config "$file" "$@"
}

# Sites other than gcp have azure's certificates.
pki_name() { if [[ $1 == gcp ]]; then echo "gcp-$2"; else echo "azure-$2"; fi; }  # SITE records|schema
identity() { echo "spiffe://bonnie/$(pki_name "$1" "$2")"; }  # SITE records|schema

address() { echo "localhost:${ports[$1-$2]}"; }  # SITE records|schema

root_sql() {  # SITE SQL
  mariadb --defaults-file="$work/$1/db/root.cnf" --batch --skip-column-names bonnie -e "$2"
}

write_configuration() {
  local site service
  for site in "${sites[@]}"; do
    for service in records schema; do
      [[ -s $work/$site/$service.textproto ]] || service_config "$site" "$service" >"$work/$site/$service.textproto"
    done
  done
  {
    echo "default_site: \"${sites[0]}\""
    for site in "${sites[@]}"; do
      echo "sites { name: \"$site\" records_address: \"$(address "$site" records)\" schema_address: \"$(address "$site" schema)\""
      echo "  records_identity: \"$(identity "$site" records)\" schema_identity: \"$(identity "$site" schema)\" }"
    done
    echo 'tls { ca_file: "pki/ca.pem" cert_file: "pki/client.pem" key_file: "pki/client.key" }'
  } >"$work/client.textproto"
}

service_config() {  # SITE records|schema
  local peer
  cat <<EOF
site: "$1"
server {
  address: "127.0.0.1:${ports[$1-$2]}"
  tls { cert_file: "../pki/$(pki_name "$1" "$2").pem" key_file: "../pki/$(pki_name "$1" "$2").key" client_ca_file: "../pki/ca.pem" }
  policy_file: "$BONNIE_ROOT/deploy/local/$2_policy.textproto"
  log { file: "$2.log" }
  drain_delay { seconds: 0 }
}
database {
  host: "127.0.0.1"
  port: $(<"$work/$1/db/port")
  schema: "bonnie"
  credentials { user: "bonnie_$2" password_file: "db/passwords/$2" }
  tls { ca_file: "../pki/ca.pem" }
}
EOF
  if [[ $2 == records ]]; then
    echo 'page_token_keys { key_file: "../page-token.key" }'
  else
    echo 'migrations_dir: "migrations"'
    echo 'approval: APPROVAL_POLICY_NONE'
    echo 'scratch { user: "bonnie_scratch" password_file: "db/passwords/scratch" }'
    for peer in "${peers[@]}"; do
      [[ $peer == "$1" ]] || echo "peers { name: \"$peer\" address: \"$(address "$peer" schema)\" identity: \"$(identity "$peer" schema)\" }"
    done
  fi
}
