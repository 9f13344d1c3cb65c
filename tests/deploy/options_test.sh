#!/usr/bin/env bash
# engine: any
# deploy/local/{up,down,status} tell what they take, and name what they do not, before they do anything.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$here/expect.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$root/deploy" "$work/"

for script in up down status; do
  for option in --help -h; do
    code=0
    "$work/deploy/local/$script" "$option" >"$work/out" 2>"$work/err" || code=$?
    expect_equal "$script $option: exit code" "$code" 0
    expect_equal "$script $option: errors" "$(<"$work/err")" ''
    [[ -s $work/out ]] || fail "$script $option says nothing"
    grep -qE '^set|^#' "$work/out" && fail "$script $option shows its code: $(<"$work/out")"
  done
  code=0
  "$work/deploy/local/$script" --nonsense >"$work/out" 2>&1 || code=$?
  expect_equal "$script: exit code of an unknown option" "$code" 2
  expect_match "$script: an unknown option" "$(<"$work/out")" "unknown option '--nonsense'"
done
expect_match 'what up takes' "$("$work/deploy/local/up" --help)" '--detach.*--engine NAME.*--empty.*--project DIR.*--approval WHO'
answer=$("$work/deploy/local/up" --engine oracle 2>&1) && fail 'up took an unknown engine'
expect_match 'an unknown engine' "$answer" "--engine: 'oracle', want mariadb or mysql"
answer=$("$work/deploy/local/up" --project "$work/shop" --approval nobody 2>&1) && fail 'up took an unknown approval'
expect_match 'an unknown approval' "$answer" "--approval: 'nobody', want none, self or other"
answer=$("$work/deploy/local/up" --approval other 2>&1) && fail 'up took an approval without a project'
expect_match 'an approval of nothing' "$answer" '--approval: want --project DIR besides'
answer=$("$work/deploy/local/down" --purge --now 2>&1) && fail 'down took two options'
expect_match 'the second option' "$answer" "unknown option '--now'"
[[ ! -e $work/.bonnie ]] || fail 'something was done'
finish
