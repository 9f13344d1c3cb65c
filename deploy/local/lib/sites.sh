# shellcheck shell=bash
# The local system's processes: names, ports, files; starting and stopping services. Sourced after database.sh.

readonly STATE=$BONNIE_ROOT/.bonnie
readonly SITES=(azure gcp)

# site process port, in the order in which they start.
processes() {
  local site
  for site in "${SITES[@]}"; do
    for process in mysql schema records; do say "$site $process $(port_of "$site" "$process")"; done
  done
  if [[ -e $STATE/project/schema.textproto ]]; then say "project schema $(port_of project schema)"; fi
}

port_of() {  # SITE PROCESS
  local base
  case $1 in azure) base=7100 ;; gcp) base=7200 ;; project) base=7300 ;; esac
  case $2 in
    records) say $((base + 1)) ;;
    schema) say $((base + 2)) ;;
    mysql) say $((base + 3)) ;;
    records-metrics) say $((base + 4)) ;;
    schema-metrics) say $((base + 5)) ;;
  esac
}

# The word by which a process's command line is known to be ours.
mark_of() {  # SITE PROCESS
  if [[ $2 == mysql ]]; then say "$STATE/$1/my.cnf"; else say "$STATE/$1/$2.textproto"; fi
}

pid_of() {  # SITE PROCESS
  running_pid "$STATE/$1/$2.pid" "$(mark_of "$1" "$2")"
}

# Whether a running process's program was replaced after it started, as up does with what it has built anew.
runs_older_build() {  # SITE PROCESS
  local pid
  pid=$(pid_of "$1" "$2") && [[ $(readlink "/proc/$pid/exe") == *' (deleted)' ]]
}

# The engine that a site's server runs on; nothing when it does not run.
running_engine() {  # SITE
  pid_of "$1" mysql >/dev/null && sed -n 's|^datadir=.*/||p' "$STATE/$1/my.cnf"
}

# Starts a service unless it runs.
start_service() {  # SITE records|schema
  local site=$1 service=$2 dir=$STATE/$1
  pid_of "$site" "$service" >/dev/null && return
  if [[ -s $dir/$service.err ]]; then mv -f "$dir/$service.err" "$dir/$service.err.1"; fi  # the last words are of this start
  launch "$dir/$service.pid" "$dir/$service.err" \
    "$STATE/bin/bonnie-$service" --config "$(mark_of "$site" "$service")"
}

# Waits until a service says that it serves; at most half a minute. Dies with its last words when it ends before.
await_service() {  # SITE records|schema
  local site=$1 service=$2 end=$((SECONDS + 30))
  until service_answers "$site" "$service"; do
    pid_of "$site" "$service" >/dev/null || die "$site $service ended: $(last_words "$site" "$service")"
    ((SECONDS < end)) || die "$site $service does not serve: $(last_words "$site" "$service")"
    sleep 0.1
  done
}

# Asked through `status`, which says each service's health: the site's other service may not run yet, and a project's
# revisions may be in the middle of being written (FAILED_PRECONDITION then), which keeps nobody from serving them.
service_answers() {  # SITE records|schema
  local lines
  port_is_free "$(port_of "$1" "$2")" && return 1
  lines=$(bonnie --site "$1" --timeout 5s --output csv status 2>/dev/null || true)
  [[ $'\n'$lines =~ $'\n'"$1,$2,"(SERVING|FAILED_PRECONDITION), ]]
}

last_words() {  # SITE PROCESS
  local file
  if [[ $2 == mysql ]]; then say "log: $STATE/$1/mysql.log" && return; fi
  for file in "$STATE/$1/$2.err" "$STATE/$1/$2.log"; do
    [[ -s $file ]] && say "$(tail -n 1 "$file"); log: $file" && return
  done
  say "it said nothing; log: $STATE/$1/$2.log"
}

bonnie() { "$STATE/bin/bonnie" --config "$STATE/client.textproto" "$@"; }

stop_service() {  # SITE records|schema
  local pid
  if pid=$(pid_of "$1" "$2"); then stop_process "$pid" 30; fi
  rm -f "$STATE/$1/$2.pid"
}

# Services first, so that they drain while their databases still answer; what can be at the same time, is.
stop_everything() {
  local site
  for site in "${SITES[@]}" project; do
    stop_service "$site" records &
    stop_service "$site" schema &
  done
  wait
  for site in "${SITES[@]}"; do database_stop "$STATE/$site" & done
  wait
}

# One up or down at a time. The lock goes with the process that holds it, however that ends.
take_lock() {
  make_private "$STATE"
  exec 8>>"$STATE/lock"
  if ! flock -n 8; then
    say "another up or down is at work; waiting for it"
    flock -w 3600 8 || die "another up or down has been at work for an hour"
  fi
}

# Makes DIR a folder of this user alone. One that an older version made readable by others is tightened with all that is
# in it; programs unpacked there are hard links into the cache, and hold no secret.
make_private() {  # DIR
  mkdir -p "$1"
  [[ $(stat -c %a "$1") != 700 ]] || return 0
  find "$1" -path "$1/mysql-server" -prune -o ! -type l -perm /077 -exec chmod go= {} + || die "$1: not yours to change"
  chmod 700 "$1"
}

release_lock() { exec 8>&-; }
