# shellcheck shell=bash
# Debian packages that building, running and testing need. Sourced after common.sh.

# shellcheck disable=SC2034  # for the scripts that source this file
{
  readonly BUILD_PACKAGES=(
    build-essential cmake ninja-build ccache pkg-config
    libgrpc++-dev libgrpc-dev protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libprotoc-dev grpc-proto
    libabsl-dev libssl-dev libmysqlcppconn-dev libboost-dev
    libspdlog-dev nlohmann-json3-dev prometheus-cpp-dev libcli11-dev libcsv-dev libsystemd-dev zlib1g-dev
    libmicrohttpd-dev  # the page of the metrics
    libgraphviz-dev  # lays out diagrams; brings libgvc6, whose plugins (found by its own list, made when installed) run them
    libutf8proc-dev  # Unicode classes and normalisation: names are checked to be in NFC
  )
  readonly RUN_PACKAGES=(openssl procps mariadb-server-core mariadb-client-core libmariadb3)
  # The build's own list has these too: tests are part of it.
  readonly UNIT_TEST_PACKAGES=(libgtest-dev libgmock-dev libbenchmark-dev jq)
  readonly TEST_PACKAGES=(clang-14 libclang-rt-14-dev lld-14 shellcheck git curl debootstrap dpkg-dev iproute2)
}

# Installs what is missing. Quick when nothing is.
install_packages() {  # PACKAGE…
  local missing
  missing=$(missing_packages "$@")
  [[ -n $missing ]] || return 0
  command -v apt-get >/dev/null || die "not a Debian system; install these by hand: ${missing//$'\n'/ }"
  as_root apt-get update -qq || say "apt-get update failed; trying with the lists at hand"
  # shellcheck disable=SC2086  # one word per package
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
}

# Installs PACKAGE unless COMMAND is there by another way, such as a newer release than the distribution's.
install_command() {  # COMMAND PACKAGE…
  local command=$1
  shift
  command -v "$command" >/dev/null || install_packages "$@"
}

missing_packages() {  # PACKAGE…
  comm -13 \
    <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii *//p' | sort) \
    <(printf '%s\n' "$@" | sort)
}
