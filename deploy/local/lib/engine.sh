# shellcheck shell=bash
# Where the two server programs come from: MariaDB from the distribution; MySQL as installed, else Debian unstable's,
# unpacked into a folder of its own and never mixed into the system. Sourced after common.sh and packages.sh.

# Sets SERVER_COMMAND, the words that start the server program of ENGINE, installing or unpacking it first.
# UNPACKED_MYSQL, when set, is where an unpacked MySQL is run from (default: the cache).
find_engine() {  # ENGINE
  case $1 in
    mariadb)
      command -v mariadbd >/dev/null || [[ -x /usr/sbin/mariadbd ]] || install_packages mariadb-server-core >&2
      SERVER_COMMAND=("$(PATH=$PATH:/usr/sbin command -v mariadbd)")
      ;;
    mysql)
      if installed_mysql; then return; fi
      unpack_mysql
      use_unpacked_mysql "${UNPACKED_MYSQL:-$(cache_dir)/mysql-server}"
      ;;
    *) die "--engine: '$1', want mariadb or mysql" ;;
  esac
  command -v mariadb >/dev/null || install_packages mariadb-client-core >&2
}

# An installed mysqld counts when it is MySQL >= 8.0; MariaDB's packages install a mysqld of their own.
installed_mysql() {
  local program version
  program=$(PATH=$PATH:/usr/sbin:/usr/local/mysql/bin command -v mysqld) || return 1
  version=$("$program" --no-defaults --version 2>/dev/null) || return 1
  [[ $version != *MariaDB* && $version =~ Ver\ ([0-9]+)\. ]] || return 1
  ((BASH_REMATCH[1] >= 8)) || return 1
  SERVER_COMMAND=("$program")
}

# The server brings its own C library, so it is started by its own loader.
use_unpacked_mysql() {  # HOME
  local home=$1 loader libraries
  loader=$(compgen -G "$home/usr/lib64/ld-linux-*.so.*" || compgen -G "$home/usr/lib/ld-linux-*.so.*") ||
    die "no loader below $home; remove that folder to unpack MySQL again"
  libraries=$(compgen -G "$home/usr/lib/*-linux-gnu")
  # shellcheck disable=SC2034  # for database.sh
  SERVER_COMMAND=("$loader" --library-path "$libraries:$home/usr/lib/mysql/private" "$home/usr/sbin/mysqld")
  # shellcheck disable=SC2034
  SERVER_HOME=$home/usr
}

# Fetches and unpacks into the cache, once. About 35 s and 60 MB of packages; then 300 MB on disk.
unpack_mysql() {
  local cache build
  cache=$(cache_dir)
  mkdir -p "$cache"
  (
    flock 9  # two at once: the second waits, then finds it there
    [[ ! -d $cache/mysql-server ]] || exit 0
    install_packages debootstrap >&2
    build=$cache/mysql-server.building
    as_root rm -rf "$build" "$build.slim"
    as_root "$(PATH=$PATH:/usr/sbin command -v debootstrap)" --variant=minbase --include=mysql-server-core sid "$build" \
      >"$cache/mysql-server.log" 2>&1 || die "MySQL could not be fetched from Debian unstable; log: $cache/mysql-server.log"
    mkdir -p "$build.slim/usr/sbin" "$build.slim/usr/share"
    # The rest of that system is not needed to run the server.
    cp -r --preserve=mode,links "$build/usr/sbin/mysqld" "$build.slim/usr/sbin/"
    cp -r --preserve=mode,links "$build/usr/share/mysql" "$build.slim/usr/share/"
    cp -r --preserve=mode,links "$build/usr/lib" "$build/usr/lib64" "$build.slim/usr/"
    as_root rm -rf "$build"
    mv -T "$build.slim" "$cache/mysql-server"
  ) 9>"$cache/mysql-server.lock" || exit 1
}

# Puts the unpacked server at HOME by hard links where the file system allows, else by copying.
place_mysql() {  # HOME
  local source
  [[ ! -d $1 ]] || return 0
  source=$(cache_dir)/mysql-server
  rm -rf "$1.new"
  cp -al "$source" "$1.new" 2>/dev/null || { rm -rf "$1.new" && cp -a "$source" "$1.new"; }
  mv -T "$1.new" "$1"
}

# The folder of MariaDB's plugins if it has metadata_lock_info, which shows who blocks a DDL statement.
metadata_lock_plugin() {
  local folder
  for folder in /usr/lib/mysql/plugin /usr/lib/*-linux-gnu/mariadb*/plugin "$(cache_dir)/mariadb-plugins"; do
    [[ -f $folder/metadata_lock_info.so ]] && say "$folder" && return
  done
  return 1
}

# The plugin lies in the package of the system's own server, which would start one: taken out of it without installing.
fetch_metadata_lock_plugin() {
  local cache work
  metadata_lock_plugin >/dev/null && return
  cache=$(cache_dir)
  work=$(mktemp -d)
  if (cd "$work" && apt-get download -qq mariadb-server && dpkg-deb -x mariadb-server_*.deb unpacked) >/dev/null 2>&1; then
    mkdir -p "$cache/mariadb-plugins"
    cp "$work"/unpacked/usr/lib/mysql/plugin/metadata_lock_info.so "$cache/mariadb-plugins/"
  else
    say "MariaDB's plugin metadata_lock_info is not to be had: waits for a metadata lock will not name their blocker"
  fi
  rm -rf "$work"
}
