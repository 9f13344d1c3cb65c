# shellcheck shell=bash
# Tools that tests use and Debian does not package, kept in the cache folder, never in the repository.
# Sourced after deploy/local/lib/{common,packages}.sh. Each function is quick when the tool is there.

tools_dir() { say "$(cache_dir)/tools"; }

# Each tool is fixed by a file of hashes in tests/support, and lies in a folder that is named after that file's content: a
# new version is a change of the file, and nothing is installed that the file does not know.
tool_dir() {  # NAME FILE
  say "$(tools_dir)/$1-$(sha256sum <"$BONNIE_ROOT/tests/support/$2" | cut -c 1-12)"
}

node_dir() { tool_dir node node/package-lock.json; }
grpcurl_dir() { tool_dir grpcurl grpcurl/go.sum; }
python_dir() { tool_dir python python/grpc.txt; }
alembic_dir() { tool_dir alembic python/alembic.txt; }

# buf, @grpc/grpc-js and @grpc/proto-loader. Node finds the latter two by $NODE_PATH. No package runs a script of its own.
ensure_node_tools() {
  local dir
  dir=$(node_dir)
  [[ -e $dir/ready ]] && return
  install_command node nodejs
  install_command npm npm
  rm -rf "$dir" && mkdir -p "$dir"
  cp "$BONNIE_ROOT"/tests/support/node/package{,-lock}.json "$dir/"
  npm ci --prefix "$dir" --ignore-scripts --no-audit --no-fund --silent || die "npm could not install buf and grpc-js"
  : >"$dir/ready"
}

# The last grpcurl that Debian's Go builds.
ensure_grpcurl() {
  local dir
  dir=$(grpcurl_dir)
  [[ -x $dir/grpcurl ]] && return
  install_command go golang-go
  mkdir -p "$dir"
  (cd "$BONNIE_ROOT/tests/support/grpcurl" && GOTOOLCHAIN=local GOFLAGS=-mod=readonly go build -trimpath -o "$dir/grpcurl.new" \
    github.com/fullstorydev/grpcurl/cmd/grpcurl) || die "go could not build grpcurl"
  mv -f "$dir/grpcurl.new" "$dir/grpcurl"
}

# A virtual environment with what FILE lists. Wheels only: a source package would run its own script, with tools that no
# hash fixes.
ensure_python() {  # DIR FILE
  [[ -e $1/ready ]] && return
  install_command python3 python3
  python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  rm -rf "$1"
  python3 -m venv "$1"
  "$1/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary :all: \
    -r "$BONNIE_ROOT/tests/support/python/$2" || die "pip could not install what tests/support/python/$2 lists"
  : >"$1/ready"
}

# grpcio and grpcio-tools.
ensure_python_tools() { ensure_python "$(python_dir)" grpc.txt; }

# Alembic, as a project that Bonnie adopts has one: $BONNIE_ALEMBIC is its folder.
ensure_alembic() { ensure_python "$(alembic_dir)" alembic.txt; }

# What tests/e2e find in their environment: grpcurl and buf on PATH, $BONNIE_PYTHON, $BONNIE_ALEMBIC, $NODE_PATH.
export_tools() {
  local node
  node=$(node_dir)
  PATH=$(grpcurl_dir):$node/node_modules/.bin:$PATH
  BONNIE_PYTHON=$(python_dir)/bin/python
  BONNIE_ALEMBIC=$(alembic_dir)
  export PATH BONNIE_PYTHON BONNIE_ALEMBIC NODE_PATH=$node/node_modules
}

# Debian's abseil under ThreadSanitizer: with the distribution's own build, correct programs that use absl::Mutex are
# reported. The same source package, with its patches, in a minute. Prints nothing; the result is at tsan_abseil.
tsan_abseil() { say "$(cache_dir)/abseil-tsan-$(dpkg-query -W -f '${Version}' libabsl-dev)"; }

ensure_tsan_abseil() {
  local target work
  target=$(tsan_abseil)
  [[ -d $target ]] && return
  install_packages dpkg-dev clang-14 libclang-rt-14-dev
  work=$(mktemp -d)
  fetch_source "$work" abseil
  cmake -S "$work"/abseil-*/ -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_STANDARD=17 \
    -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_CXX_FLAGS='-fsanitize=thread -O1 -g1' \
    -DABSL_PROPAGATE_CXX_STD=ON -DBUILD_TESTING=OFF -DCMAKE_INSTALL_PREFIX="$target.new"
  cmake --build "$work/build"
  rm -rf "$target.new"
  cmake --install "$work/build" >/dev/null
  mv -T "$target.new" "$target"
  rm -rf "$work"
}

# Unpacks a Debian source package into DIR. The source lists are taken from the machine's own, in a folder apart:
# most machines do not list sources.
fetch_source() {  # DIR PACKAGE
  local options=(-o "Dir::Etc::SourceList=$1/sources.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$1/lists")
  mkdir -p "$1/lists/partial"
  # shellcheck disable=SC2016  # apt's own variables
  apt-get indextargets --format 'deb-src $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u >"$1/sources.list"
  (cd "$1" && apt-get "${options[@]}" -qq update && apt-get "${options[@]}" source -qq "$2")
}
