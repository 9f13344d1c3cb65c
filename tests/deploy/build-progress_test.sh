#!/usr/bin/env bash
# engine: any
# What up says while it builds: how many files are made and for how long it has run.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Prints what ninja would, and takes a second after each file.
cat >"$work/ninja" <<'NINJA'
#!/usr/bin/env bash
printf 'ninja: Entering directory\n'
sleep 1.2
printf '[1/3] Building CXX object a.o\n'
sleep 1.2
printf '[2/3] Building CXX '
sleep 1.2
printf 'object b.o\n'
if [[ ${1:-} == fails ]]; then
  printf 'FAILED: b.o\nb.cc:7:1: error: expected a declaration\n'
  exit 3
fi
sleep 1.2
printf '[3/3] Linking CXX executable c\nno end of line'
NINJA
cat >"$work/build" <<'BUILD'
#!/usr/bin/env bash
set -euo pipefail
. "$1/deploy/local/lib/common.sh"
. "$1/deploy/local/lib/build.sh"
BUILD_TOLD_EVERY=2
build_step build "$2/build.log" "$2/ninja" "${3:-}"
echo after
BUILD
chmod +x "$work/ninja" "$work/build"

"$work/build" "$root" "$work" >"$work/out" 2>&1
expect_match 'lines now and then' "$(<"$work/out")" $'(^|\n)build  [123] of 3 files, 0:0[2-9]\n'
expect_match 'the last line of the step' "$(<"$work/out")" $'\n +[4-9]\\.[0-9] s  build\nafter$'
expect_equal 'the log, whole' "$(<"$work/build.log")" "$("$work/ninja")"

script -qec "$work/build $root $work" /dev/null >"$work/out" 2>&1
expect_match 'a terminal: one line, written again' "$(<"$work/out")" $'\rbuild  1 of 3 files, 0:0[1-3]\033\\[K'
expect_match 'a terminal: gone at the end' "$(<"$work/out")" $'\r\033\\[K +[4-9]\\.[0-9] s  build'
expect_equal 'line breaks on a terminal' "$(grep -c . "$work/out")" 2

code=0
"$work/build" "$root" "$work" fails >"$work/out" 2>&1 || code=$?
expect_equal 'exit code of a build that fails' "$code" 1
expect_match 'its cause' "$(<"$work/out")" $'FAILED: b.o\nb.cc:7:1: error: expected a declaration\n'
expect_match 'its log' "$(tail -n 1 "$work/out")" 'build: failed \(exit 3\); log: .*/build\.log$'
finish
