# shellcheck shell=bash
# What every script here needs: the repository's root, one-line messages, root's rights, locks, ports, processes.
# Sourced, never run. The caller has `set -euo pipefail`.

# shellcheck disable=SC2034  # for the scripts that source this file
BONNIE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
readonly BONNIE_ROOT

# Downloads and things made from them, shared by every checkout of this user.
cache_dir() {
  printf '%s\n' "${BONNIE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/bonnie}"
}

say() { printf '%s\n' "$*"; }

# The words after SEPARATOR, with it between them.
join_by() {  # SEPARATOR WORD…
  local separator=$1 first=${2:-}
  shift 2
  printf '%s' "$first" "${@/#/$separator}"
}

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# The comment with which the running script begins: what it does and takes.
print_help() {
  sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
}

# Of the command line; nothing was done yet.
wrong_use() {  # WHAT
  printf '%s: %s; --help says more\n' "$(basename "$0")" "$*" >&2
  exit 2
}

# With the usual umask: what packages install is for everybody.
as_root() (
  umask 022
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "root's rights are needed for: $* (run as root, or install sudo)"
  fi
)

# Runs a step, says it in one line with its wall time, and keeps its output in LOG. On failure: the cause and LOG.
step() {  # TEXT LOG COMMAND…
  local text=$1 log=$2 start=${EPOCHREALTIME/[.,]/}
  shift 2
  mkdir -p "$(dirname "$log")"
  # In a subshell of its own with errexit on: `if ! command` would switch it off inside a function.
  local code=0
  set +e
  (set -e; "$@") >"$log" 2>&1
  code=$?
  set -e
  end_step "$text" "$log" "$start" "$code"
}

# Says how a step that began at START (microseconds) ended; dies when CODE is not 0.
end_step() {  # TEXT LOG START CODE
  if (($4 != 0)); then
    { grep -E '^FAILED:|[^a-z]error:' "$2" || grep -v '^[[:space:]]*$' "$2" | tail -n 5; } | head -n 10 >&2 || true
    die "$1: failed (exit $4); log: $2"
  fi
  say "$(printf '%7.1f s  %s' "$(seconds_since "$3")" "$1")"
}

# Seconds, with one decimal, since START (microseconds, as in ${EPOCHREALTIME/[.,]/}).
seconds_since() {  # START
  local tenths=$(((${EPOCHREALTIME/[.,]/} - $1) / 100000))
  printf '%d.%d\n' $((tenths / 10)) $((tenths % 10))
}

# --- ports -----------------------------------------------------------------------------------------------------------

# The inode of the socket that listens on PORT, on any address; nothing when there is none.
listening_inode() {  # PORT
  local hex
  hex=$(printf '%04X' "$1")
  awk -v port="$hex" '$4 == "0A" { n = split($2, a, ":"); if (a[n] == port) { print $10; exit } }' \
    /proc/net/tcp /proc/net/tcp6 2>/dev/null
}

port_is_free() { [[ -z $(listening_inode "$1") ]]; }

# The process that listens on PORT, such as "pid 4711 (mariadbd)". Some processes show only to root.
port_owner() {  # PORT
  local inode fd pid
  inode=$(listening_inode "$1")
  fd=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null | head -n 1) || true
  if [[ -z $fd ]]; then
    say "a process that only root can see"
    return
  fi
  pid=${fd#/proc/}
  pid=${pid%%/*}
  say "pid $pid ($(cat "/proc/$pid/comm" 2>/dev/null || echo gone))"
}

# A port nobody listens on, below the range from which the kernel gives out ports to callers.
free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + (RANDOM * 32768 + RANDOM) % 10000))
    if port_is_free "$port"; then
      say "$port"
      return
    fi
  done
  die "no free port between 20000 and 29999"
}

# --- processes -------------------------------------------------------------------------------------------------------

# The pid in PID_FILE if that process lives and has WORD in its command line; else fails. A stale file, or a number
# that the kernel has since given to another process, is never taken for ours.
running_pid() {  # PID_FILE WORD
  local pid
  [[ -s $1 ]] || return 1
  pid=$(<"$1")
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  grep -qF -- "$2" "/proc/$pid/cmdline" 2>/dev/null || return 1
  say "$pid"
}

# Starts a program in a session of its own, apart from this terminal and this script's locks (descriptors 7 to 9), and
# notes its pid before it runs. No core file: it could hold a patient's data.
launch() {  # PID_FILE OUTPUT COMMAND…
  local pid_file=$1 output=$2
  shift 2
  rm -f "$pid_file"
  # shellcheck disable=SC2016  # expanded by the inner shell
  setsid bash -c 'ulimit -c 0; echo $$ >"$1"; shift; exec "$@"' launch "$pid_file" "$@" \
    >>"$output" 2>&1 </dev/null 7>&- 8>&- 9>&- &
  disown
  for _ in {1..500}; do
    [[ ! -s $pid_file ]] || return 0
    sleep 0.01
  done
  die "could not start $1; log: $output"
}

# Sends SIGTERM and waits; after SECONDS, SIGKILL. Says nothing.
stop_process() {  # PID SECONDS
  kill -TERM "$1" 2>/dev/null || return 0
  await_end "$1" "$2" && return 0
  kill -KILL "$1" 2>/dev/null || return 0
  await_end "$1" 10 || die "pid $1 does not end, even by SIGKILL"
}

await_end() {  # PID SECONDS
  local end=$((SECONDS + $2))
  while process_lives "$1"; do
    ((SECONDS < end)) || return 1
    sleep 0.02
  done
}

# A zombie has ended (only its parent has not asked yet), unless other threads of it still hold its files and ports.
process_lives() {  # PID
  local state threads
  state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null) || return 1
  [[ -n $state ]] || return 1
  [[ $state == Z ]] || return 0
  threads=(/proc/"$1"/task/*)
  ((${#threads[@]} > 1))
}

# Keeps the last three logs of ten million bytes. The copy is taken and the file emptied in place, so that a process
# that has it open for appending goes on in it.
rotate_log() {  # FILE
  [[ -f $1 ]] || return 0
  (($(stat -c %s "$1") > 10000000)) || return 0
  [[ -f $1.2 ]] && mv -f "$1.2" "$1.3"
  [[ -f $1.1 ]] && mv -f "$1.1" "$1.2"
  cp "$1" "$1.1" && : >"$1"
}
