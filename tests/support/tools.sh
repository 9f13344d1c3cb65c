# shellcheck shell=bash
# Tools that tests use and Debian does not package, kept in the cache folder, never in the repository.
# Sourced after deploy/local/lib/{common,packages}.sh. Each function is quick when the tool is there.

tools_dir() { say "$(cache_dir)/tools"; }

# buf, @grpc/grpc-js and @grpc/proto-loader. Node finds the latter two by $NODE_PATH.
ensure_node_tools() {
  local dir
  dir=$(tools_dir)/node-1
  [[ -x $dir/node_modules/.bin/buf ]] && return
  install_command node nodejs
  install_command npm npm
  rm -rf "$dir" && mkdir -p "$dir"
  npm install --prefix "$dir" --no-audit --no-fund --no-save --silent \
    @bufbuild/buf@1.75.0 @grpc/grpc-js@1.14 @grpc/proto-loader@0.8 || die "npm could not install buf and grpc-js"
}

# The last grpcurl that Debian's Go builds.
ensure_grpcurl() {
  local dir
  dir=$(tools_dir)/bin
  [[ -x $dir/grpcurl ]] && return
  install_command go golang-go
  mkdir -p "$dir"
  GOBIN=$dir go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.1 || die "go could not install grpcurl"
}

# A virtual environment with grpcio and grpcio-tools.
ensure_python_tools() {
  local dir
  dir=$(tools_dir)/python-1
  [[ -e $dir/ready ]] && return
  install_command python3 python3
  python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  rm -rf "$dir"
  python3 -m venv "$dir"
  "$dir/bin/pip" install --quiet --disable-pip-version-check 'grpcio==1.85.*' 'grpcio-tools==1.85.*' ||
    die "pip could not install grpcio"
  : >"$dir/ready"
}

# A virtual environment with Alembic, as a project that Bonnie adopts has one: $BONNIE_ALEMBIC is its folder.
ensure_alembic() {
  local dir
  dir=$(tools_dir)/alembic-1
  [[ -e $dir/ready ]] && return
  install_command python3 python3
  python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  rm -rf "$dir"
  python3 -m venv "$dir"
  "$dir/bin/pip" install --quiet --disable-pip-version-check 'alembic==1.20.*' 'SQLAlchemy==2.0.*' 'PyMySQL==1.1.*' ||
    die "pip could not install alembic"
  : >"$dir/ready"
}

# What tests/e2e find in their environment: grpcurl and buf on PATH, $BONNIE_PYTHON, $BONNIE_ALEMBIC, $NODE_PATH.
export_tools() {
  local dir
  dir=$(tools_dir)
  export PATH=$dir/bin:$dir/node-1/node_modules/.bin:$PATH
  export NODE_PATH=$dir/node-1/node_modules
  export BONNIE_PYTHON=$dir/python-1/bin/python
  export BONNIE_ALEMBIC=$dir/alembic-1
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
