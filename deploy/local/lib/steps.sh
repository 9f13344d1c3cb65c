# shellcheck shell=bash
# The steps of up. Each can be repeated, and one cut off in the middle is finished by the next run.
# Sourced after configuration.sh and project.sh.

readonly BINARIES=(bonnie bonnie-records bonnie-schema)

prepare_engine() {  # ENGINE
  find_engine "$1"
  if [[ -n ${SERVER_HOME:-} ]]; then place_mysql "$STATE/mysql-server"; fi
  if [[ $1 == mariadb ]]; then fetch_metadata_lock_plugin; fi
}

# CMake runs by itself when one of its files changed; asking it every time would cost seconds.
build_binaries() {
  local name
  if [[ -e $BONNIE_ROOT/build/release/build.ninja ]]; then
    build_targets release "${BINARIES[@]}"
  else
    build_preset release "${BINARIES[@]}"
  fi
  mkdir -p "$STATE/bin"
  for name in "${BINARIES[@]}"; do
    cmp -s "$BONNIE_ROOT/build/release/bin/$name" "$STATE/bin/$name" && continue
    cp "$BONNIE_ROOT/build/release/bin/$name" "$STATE/bin/$name.new"
    mv -f "$STATE/bin/$name.new" "$STATE/bin/$name"  # the old one may be running
  done
}

start_databases() {  # ENGINE
  local site jobs=() job
  # shellcheck disable=SC2034  # read by database.sh and engine.sh
  DATABASE_PKI=$STATE/pki DATABASE_BUFFER_POOL=256M UNPACKED_MYSQL=$STATE/mysql-server
  for site in "${SITES[@]}"; do
    start_database "$site" "$1" &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do wait "$job"; done
}

start_database() {  # SITE ENGINE
  local dir=$STATE/$1
  mkdir -p "$dir"
  rotate_log "$dir/mysql.log"
  if pid_of "$1" mysql >/dev/null && [[ $STATE/pki/mysql.pem -nt $dir/mysql.pid ]]; then
    database_sql "$dir" -e "$([[ $2 == mysql ]] && echo 'ALTER INSTANCE RELOAD TLS' || echo 'FLUSH SSL')"
    touch "$dir/mysql.pid"
  fi
  database_start "$dir" "$2" "$(port_of "$1" mysql)"
}

# The rights of each site's schema service, and its ledger, which an earlier release kept in the site's database. Services
# that ran on that are of an older build; they end, to start again on the new one.
prepare_ledgers() {  # ENGINE
  local site moved
  for site in "${SITES[@]}"; do
    moved=false
    if has_old_ledger "$STATE/$site" bonnie; then moved=true; fi
    { say 'USE bonnie;'; cat "$BONNIE_ROOT/deploy/mysql/schema.sql" "$BONNIE_ROOT/deploy/mysql/schema_$1.sql"; ledger_sql bonnie; } |
      database_sql "$STATE/$site"
    if $moved; then
      stop_service "$site" records
      stop_service "$site" schema
    fi
  done
}

# All sites' at the same time.
start_services() {  # records|schema
  local site served=("${SITES[@]}")
  if [[ $1 == schema && -e $STATE/project/schema.textproto ]]; then served+=(project); fi
  for site in "${served[@]}"; do start_service "$site" "$1"; done
  for site in "${served[@]}"; do await_service "$site" "$1"; done
}

# The project's own migrations are its author's to apply.
migrate() {
  local site jobs=() job
  for site in "${SITES[@]}"; do
    migrate_site "$site" &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do wait "$job"; done
}

migrate_site() {  # SITE
  bonnie --site "$1" schema --migrations "$BONNIE_ROOT/migrations" upgrade head --yes --allow kept-elsewhere
  database_sql "$STATE/$1" bonnie <"$BONNIE_ROOT/deploy/mysql/records.sql"
}

check_health() {
  local site end=$((SECONDS + 30))
  for site in "${SITES[@]}"; do
    until bonnie --site "$site" status; do
      ((SECONDS < end)) || die "$site does not serve; logs: $STATE/$site/{records,schema,mysql}.log"
      sleep 0.2
    done
  done
}
