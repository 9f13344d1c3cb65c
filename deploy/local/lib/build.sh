# shellcheck shell=bash
# Building with CMake presets. Sourced after common.sh. One build at a time per checkout: two share the directory.

# What one checkout compiled is found again by the next, whatever its path.
export CCACHE_BASEDIR=$BONNIE_ROOT CCACHE_NOHASHDIR=true
# Precompiled headers (cmake/precompile.cmake) are compiled with -fno-pch-timestamp.
export CCACHE_SLOPPINESS=pch_defines,time_macros

# Configures a preset; further arguments go to cmake. ccache and Ninja make a second run quick.
configure_preset() {  # PRESET [CMAKE ARGUMENT…]
  mkdir -p "$BONNIE_ROOT/build"
  (
    flock 9
    cd "$BONNIE_ROOT" || exit
    cmake --preset "$@"
  ) 9>>"$BONNIE_ROOT/build/.lock"
}

# Builds targets of a preset, or all.
build_preset() {  # PRESET [--directory NAME] [--configure ARGUMENT] [TARGET…]
  local preset=$1 directory=$1 arguments=()
  shift
  while (($#)); do
    case $1 in
      --directory) directory=$2; arguments+=(-B "$BONNIE_ROOT/build/$2") ;;
      --configure) arguments+=("$2") ;;
      *) break ;;
    esac
    shift 2
  done
  configure_preset "$preset" "${arguments[@]}"
  build_targets "$directory" "$@"
}

build_targets() {  # DIRECTORY TARGET…
  (
    flock 9
    ninja -C "$BONNIE_ROOT/build/$1" "${@:2}"
  ) 9>>"$BONNIE_ROOT/build/.lock"
}

# --- progress --------------------------------------------------------------------------------------------------------

# Where standard output is no terminal, a build that runs says so every so many seconds.
BUILD_TOLD_EVERY=15

# A step that builds, and says meanwhile how many files are made: on a terminal in one line that is written again,
# elsewhere in a line now and then.
build_step() {  # TEXT LOG COMMAND…
  local text=$1 log=$2 start=${EPOCHREALTIME/[.,]/} codes
  shift 2
  mkdir -p "$(dirname "$log")"
  set +e
  (set -e; "$@") 2>&1 | follow_build "$text" "$log"
  codes=("${PIPESTATUS[@]}")
  set -e
  end_step "$text" "$log" "$start" "$((codes[0] != 0 ? codes[0] : codes[1]))"
}

# Copies a build's output to LOG, and shows what ninja counts in it: `build  37 of 61 files, 1:12`.
follow_build() {  # TEXT LOG
  local text=$1 line='' more files='' start=$SECONDS told=$SECONDS
  exec 3>"$2"
  while true; do
    if IFS= read -r -t 1 more; then
      line+=$more
      printf '%s\n' "$line" >&3
      if [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\  ]]; then files="${BASH_REMATCH[1]} of ${BASH_REMATCH[2]} files, "; fi
      line=''
    elif (($? > 128)); then  # a second without the end of a line
      line+=$more
    else
      break
    fi
    if [[ -t 1 ]]; then
      printf '\r%s  %s%s\033[K' "$text" "$files" "$(minutes_of $((SECONDS - start)))"
    elif ((SECONDS - told >= BUILD_TOLD_EVERY)); then
      say "$text  $files$(minutes_of $((SECONDS - start)))"
      told=$SECONDS
    fi
  done
  printf '%s' "$line$more" >&3
  if [[ -t 1 ]]; then printf '\r\033[K'; fi
}

# 72 is 1:12.
minutes_of() {  # SECONDS
  printf '%d:%02d' $(($1 / 60)) $(($1 % 60))
}
