#!/usr/bin/env bash
# The release binaries are hardened: position-independent, nothing writable and executable at once, all symbols bound at
# start and read-only afterwards, stack protector, checked libc calls. One object that was compiled without the flags is
# enough for a way in, so the compiler's command lines are looked at too.
#
# engine: any
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$root/tests/deploy/expect.sh"
build=${BONNIE_BUILD_DIR:-$root/build/release}
binaries=("$build"/bin/bonnie "$build"/bin/bonnie-records "$build"/bin/bonnie-schema)
[[ -x ${binaries[0]} ]] || { echo "no binaries in $build/bin"; exit 1; }
flags=(-fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2)
[[ $(uname -m) != x86_64 ]] || flags+=(-fcf-protection)

holds() {  # WHAT TEXT REGEX
  grep -qE -- "$3" <<<"$2" || fail "$1: no line matches $3"
}

check_binary() {  # FILE
  local name header segments dynamic imported
  name=$(basename "$1")
  header=$(readelf -hW "$1") segments=$(readelf -lW "$1") dynamic=$(readelf -dW "$1")
  imported=$(readelf --dyn-syms -W "$1" | awk '$7 == "UND" { print $8 }')
  holds "$name: type" "$header" 'Type: +DYN \('
  holds "$name: position-independent" "$dynamic" 'FLAGS_1.*PIE'
  holds "$name: bound at start" "$dynamic" '(FLAGS\).*BIND_NOW|FLAGS_1\).*NOW)'
  holds "$name: read-only after relocation" "$segments" GNU_RELRO
  holds "$name: the stack is not executable" "$segments" 'GNU_STACK +0x0+ 0x0+ 0x0+ 0x0+ 0x0+ RW  0x'
  expect_equal "$name: writable and executable" "$(grep -E '(LOAD|GNU_STACK).* RWE ' <<<"$segments" || true)" ''
  expect_equal "$name: relocations in the text" "$(grep TEXTREL <<<"$dynamic" || true)" ''
  expect_equal "$name: folders for libraries" "$(grep -E 'R(UN)?PATH' <<<"$dynamic" || true)" ''
  holds "$name: stack protector" "$imported" '^__stack_chk_fail@'
  holds "$name: checked calls of the C library" "$imported" '^__[a-z]+_chk@'
}

# The compiler's command lines of all that goes into FILE.
check_commands() {  # FILE
  local flag command lines
  lines=$(ninja -C "$build" -t commands "${1#"$build"/}" | grep -E ' -c [^ ]+\.(cc|cxx)( |$)')
  holds "$(basename "$1"): command lines" "$lines" 'main\.cc|Unity'
  for flag in "${flags[@]}"; do
    command=$(grep -vF -- " $flag " <<<"$lines" | head -n 1 || true)
    [[ -z $command ]] || fail "$(basename "$1"): compiled without $flag: ${command##* -c }"
  done
  command=$(grep -vE -- ' -f(PIE|PIC) ' <<<"$lines" | head -n 1 || true)
  [[ -z $command ]] || fail "$(basename "$1"): compiled neither with -fPIE nor with -fPIC: ${command##* -c }"
}

for binary in "${binaries[@]}"; do
  check_binary "$binary"
  check_commands "$binary"
done
finish
