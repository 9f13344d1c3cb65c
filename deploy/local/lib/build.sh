# shellcheck shell=bash
# Building with CMake presets. Sourced after common.sh. One build at a time per checkout: two share the directory.

# What one checkout compiled is found again by the next, whatever its path.
export CCACHE_BASEDIR=$BONNIE_ROOT CCACHE_NOHASHDIR=true

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
