# shellcheck shell=bash
# One private database server in a folder of its own: make, start, wait for, stop. Sourced after engine.sh.
#
# DIR holds: data/<engine>/, mysql.sock, mysql.pid, mysql.log, port, my.cnf, root.cnf (0600), passwords/<user> (0600).
# DATABASE_PKI names the folder with ca.pem and the server's pair; the other DATABASE_* variables have defaults.

readonly DATABASE_USERS=(records schema scratch)

# Makes what is missing in DIR and starts the server unless it runs. Without PORT: the port used before, else a free one.
database_start() {  # DIR ENGINE [PORT]
  local dir=$1 engine=$2 port=${3:-} attempt
  if running_pid "$dir/mysql.pid" "$dir/my.cnf" >/dev/null; then
    if is_set_up "$dir"; then
      database_wait "$dir" || die "the $engine server does not answer: $(database_error "$dir"); log: $dir/mysql.log"
      return 0
    fi
    database_kill "$dir"  # left behind by a run that was cut off; it holds nothing
  fi
  check_socket_path "$dir/mysql.sock"
  find_engine "$engine"
  mkdir -p "$dir/passwords" "$dir/data"
  chmod 700 "$dir/passwords" "$dir/data"
  make_passwords "$dir"
  make_data_directory "$dir" "$engine"
  for attempt in 1 2 3 4 5; do
    choose_port "$dir" "$port" "$attempt"
    write_server_options "$dir" "$engine"
    launch_server "$dir" "$engine"
    if database_wait "$dir"; then
      break
    elif [[ -z $port ]] && ((attempt < 5)) && grep -q -e 'already in use' -e "Can't start server: Bind" "$dir/mysql.log"; then
      continue  # somebody took the port between our look and the server's
    fi
    die "the $engine server did not start: $(database_error "$dir"); log: $dir/mysql.log"
  done
  rm -f "$dir/init.sql"
  is_set_up "$dir" || set_up_users "$dir" "$engine"
}

# Whether the data directory that my.cnf names has its users.
is_set_up() {  # DIR
  [[ -e $(sed -n 's/^datadir=//p' "$1/my.cnf").made ]]
}

# Linux keeps 108 bytes for the path, the closing zero included.
check_socket_path() {  # PATH
  local LC_ALL=C
  ((${#1} <= 107)) ||
    die "path too long for a socket: $1 (${#1} bytes, at most 107): use a checkout, or a folder, with a shorter path"
}

random_password() { openssl rand -hex 24; }

make_passwords() {  # DIR
  local user
  for user in "${DATABASE_USERS[@]}"; do
    [[ -s $1/passwords/$user ]] || write_secret "$1/passwords/$user" "$(random_password)"
  done
  write_root_options "$1"
}

# Keeps the password, which the data directory knows, and names the socket anew: the folder may have been moved.
write_root_options() {  # DIR
  local password=''
  if [[ -s $1/root.cnf ]]; then password=$(sed -n 's/^password=//p' "$1/root.cnf"); fi
  write_secret "$1/root.cnf" "[client]
user=root
password=${password:-$(random_password)}
socket=$1/mysql.sock
protocol=socket
default-character-set=utf8mb4"
}

write_secret() {  # FILE TEXT
  (umask 077 && printf '%s\n' "$2" >"$1.new")
  mv -f "$1.new" "$1"
}

# A data directory counts once its users exist; one that a cut-off run left behind holds nothing and is made anew.
make_data_directory() {  # DIR ENGINE
  local data=$1/data/$2 template
  [[ ! -e $data.made ]] || return 0
  rm -rf "$data"
  template=$(data_template "$2") || exit 1
  cp -a --reflink=auto "$template" "$data" || die "could not write $data: is the disk full?"
}

# An empty data directory of this server's version, made once per user and then copied.
data_template() {  # ENGINE
  local version template
  version=$("${SERVER_COMMAND[@]}" --no-defaults --version | sed 's/^[^ ]* *//' | md5sum | cut -c 1-8)
  template=$(cache_dir)/data-$1-$version
  mkdir -p "$(cache_dir)"
  (
    flock 9
    [[ ! -d $template ]] || exit 0
    rm -rf "$template.new"
    initialize_data "$1" "$template.new" >"$template.log" 2>&1 ||
      die "no empty data directory for $1; log: $template.log"
    mv -T "$template.new" "$template"
  ) 9>"$template.lock" || exit 1
  say "$template"
}

initialize_data() {  # ENGINE DATA
  if [[ $1 == mariadb ]]; then
    # --force: without a name service it would refuse to note this machine's name, which nobody here uses.
    mariadb-install-db --no-defaults --datadir="$2" --auth-root-authentication-method=normal --skip-test-db --force \
      --innodb-log-file-size=16M "${run_as[@]}"
  else
    write_program_options "$2.cnf" "$1"
    "${SERVER_COMMAND[@]}" --defaults-file="$2.cnf" --initialize-insecure --datadir="$2" --innodb-redo-log-capacity=32M \
      "${run_as[@]}"
    rm -f "$2/auto.cnf" "$2.cnf"  # the server's own identity: each copy makes its own
  fi
}

# Both servers refuse to run as root unless told.
run_as=()
if ((EUID == 0)); then run_as=(--user=root); fi

choose_port() {  # DIR PORT ATTEMPT
  local port=$2
  if [[ -z $port && -s $1/port ]] && (($3 == 1)); then port=$(<"$1/port"); fi
  if [[ -n $port ]] && ! port_is_free "$port"; then
    [[ -z $2 ]] || die "port $port is in use by $(port_owner "$port")"
    port=''
  fi
  say "${port:-$(free_port)}" >"$1/port"
}

write_program_options() {  # FILE ENGINE
  {
    say '[mysqld]'
    if [[ -n ${SERVER_HOME:-} && $2 == mysql ]]; then
      printf '%s\n' "basedir=$SERVER_HOME" "lc-messages-dir=$SERVER_HOME/share/mysql" "plugin-dir=$SERVER_HOME/lib/mysql/plugin"
    fi
  } >"$1"
}

# Small where a small server starts faster, strict where data are at stake. The server's own pid file is not ours: while it
# starts it writes its file anew, and for a moment nobody could tell that it runs.
write_server_options() {  # DIR ENGINE
  local dir=$1 engine=$2 plugins
  write_program_options "$dir/my.cnf" "$engine"
  mkdir -p "$dir/tmp"
  {
    # A temporary folder of its own: a MariaDB that starts deletes the temporary tables it finds, also another server's.
    printf '%s\n' "datadir=$dir/data/$engine" "tmpdir=$dir/tmp" "socket=$dir/mysql.sock" "pid-file=$dir/data/$engine.pid" "log-error=$dir/mysql.log" \
      "port=$(<"$dir/port")" 'bind-address=127.0.0.1' 'skip-name-resolve' 'local-infile=OFF' \
      'character-set-server=utf8mb4' 'collation-server=utf8mb4_unicode_520_ci' \
      'max-connections=300' 'skip-log-bin' "innodb-buffer-pool-size=${DATABASE_BUFFER_POOL:-64M}"
    if [[ ${DATABASE_TLS:-on} == on ]]; then
      printf '%s\n' 'require-secure-transport=ON' "ssl-ca=$DATABASE_PKI/ca.pem" \
        "ssl-cert=$DATABASE_PKI/${DATABASE_CERTIFICATE:-mysql}.pem" "ssl-key=$DATABASE_PKI/${DATABASE_CERTIFICATE:-mysql}.key"
    elif [[ $engine == mysql ]]; then
      say 'tls-version='  # the only way to make MySQL 8 and later offer none
    fi
    if [[ $engine == mysql ]]; then
      # The consumer is off by default; with it a long ALTER tells how far it is.
      printf '%s\n' 'secure-file-priv=NULL' 'mysqlx=OFF' 'innodb-redo-log-capacity=32M' 'log-error-verbosity=2' \
        'performance-schema-consumer-events-stages-current=ON'
    else
      say 'innodb-log-file-size=16M'
      if plugins=$(metadata_lock_plugin); then printf '%s\n' "plugin-dir=$plugins" 'plugin-load-add=metadata_lock_info'; fi
    fi
    printf '%s\n' "${DATABASE_OPTIONS[@]}"
  } >>"$dir/my.cnf"
}
DATABASE_OPTIONS=()  # more lines for my.cnf

launch_server() {  # DIR ENGINE
  local first_start=()
  rm -f "$1/mysql.sock" "$1/mysql.sock.lock"
  : >"$1/mysql.launch.log"
  rotate_log "$1/mysql.log"
  if ! is_set_up "$1"; then
    write_secret "$1/init.sql" "$(first_statements "$1" "$2")"
    first_start=("--init-file=$1/init.sql")
  fi
  launch "$1/mysql.pid" "$1/mysql.launch.log" "${SERVER_COMMAND[@]}" --defaults-file="$1/my.cnf" "${first_start[@]}" \
    "${run_as[@]}"
}

# What a new server runs before it takes the first connection, a statement a line: installers leave administrators without
# a password, which any process of this machine could use until they have one. MariaDB's installer makes root at other
# hosts too and, depending on the version, users without a name, which shadow 'user'@'%' on localhost.
first_statements() {  # DIR ENGINE
  if [[ $2 == mariadb ]]; then
    say "DELETE FROM mysql.global_priv WHERE user = '' OR (user = 'root' AND host <> 'localhost');"
    say 'FLUSH PRIVILEGES;'
  fi
  say "ALTER USER 'root'@'localhost' IDENTIFIED BY '$(sed -n 's/^password=//p' "$1/root.cnf")';"
}

# Waits until the server answers a login; at most a minute. Fails as soon as it is seen to have ended.
database_wait() {  # DIR
  local end=$((SECONDS + 60))
  until mariadb --defaults-file="$1/root.cnf" -e 'DO 0' >/dev/null 2>"$1/mysql.login.log"; do
    running_pid "$1/mysql.pid" "$1/my.cnf" >/dev/null || return 1
    ((SECONDS < end)) || return 1
    sleep 0.05
  done
  rm -f "$1/mysql.login.log"
}

# Why the server is not there, in one line.
database_error() {  # DIR
  grep -h -i -E '\[error\]|error:|cannot open shared' "$1/mysql.log" "$1/mysql.launch.log" 2>/dev/null |
    grep -v -i 'aborting' | tail -n 1 | sed 's/.*\[ERROR\] *//I' || true
  cat "$1/mysql.login.log" 2>/dev/null || true
}

# Runs the SQL on standard input, or with -e, as the local administrator.
database_sql() {  # DIR [ARGUMENTS FOR mariadb…]
  local dir=$1
  shift
  mariadb --defaults-file="$dir/root.cnf" --batch --skip-column-names "$@"
}

# SQL that makes the ledger of DATABASE, or brings it up to date; the ledger's database is current afterwards. With USER,
# the rights are that user's in place of bonnie_schema's, and the records service has none.
ledger_sql() {  # DATABASE [USER]
  local rights=(-e "s/'bonnie_schema'/'${2:-bonnie_schema}'/")
  [[ -z ${2:-} ]] || rights+=(-e "/'bonnie_records'/d")
  say "CREATE DATABASE IF NOT EXISTS \`$1_ledger\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci; USE \`$1_ledger\`;"
  sed "${rights[@]}" "$BONNIE_ROOT/deploy/mysql/ledger.sql"
}

# Whether DATABASE of the server in DIR holds a ledger, as earlier releases kept it.
has_old_ledger() {  # DIR DATABASE
  [[ $(database_sql "$1" -e "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '$2' AND TABLE_NAME IN
    ('bonnie_revisions', 'bonnie_plans', 'bonnie_journal', 'bonnie_lease')") != 0 ]]
}

# First start: the three users of deploy/mysql. Each is made locked, and unlocked together with its password.
set_up_users() {  # DIR ENGINE
  local dir=$1 engine=$2 user sql=$BONNIE_ROOT/deploy/mysql
  {
    say 'CREATE DATABASE bonnie CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci; USE bonnie;'
    cat "$sql/users.sql" "$sql/schema.sql" "$sql/schema_$engine.sql"
    ledger_sql bonnie
    for user in "${DATABASE_USERS[@]}"; do
      say "ALTER USER 'bonnie_$user'@'%' IDENTIFIED BY '$(<"$dir/passwords/$user")' ACCOUNT UNLOCK;"
    done
    if [[ ${DATABASE_TLS:-on} != on ]]; then
      for user in "${DATABASE_USERS[@]}"; do say "ALTER USER 'bonnie_$user'@'%' REQUIRE NONE;"; done
    fi
  } | database_sql "$dir" || die "the database's users could not be made; log: $dir/mysql.log"
  : >"$dir/data/$engine.made"
}

database_stop() {  # DIR
  local pid
  pid=$(running_pid "$1/mysql.pid" "$1/my.cnf") || return 0
  stop_process "$pid" 60
  rm -f "$1/mysql.pid"
}

# As a power cut would end it.
database_kill() {  # DIR
  local pid
  pid=$(running_pid "$1/mysql.pid" "$1/my.cnf") || return 0
  kill -KILL "$pid"
  await_end "$pid" 10 || die "pid $pid does not end, even by SIGKILL"
  rm -f "$1/mysql.pid"
}
