#!/usr/bin/env bash
# deploy/THIRD_PARTY.md names everything that the binaries are linked with or compiled from, with the versions that are
# installed, and nothing else. A library that nobody lists is one whose licence and security updates nobody follows.
#
# engine: any
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)
# shellcheck source=tests/deploy/expect.sh
. "$root/tests/deploy/expect.sh"
build=${BONNIE_BUILD_DIR:-$root/build/release}
notices=$root/deploy/THIRD_PARTY.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v dpkg-query >/dev/null || { echo 'no Debian: packages have other names here'; exit 77; }
binaries=("$build"/bin/bonnie "$build"/bin/bonnie-records "$build"/bin/bonnie-schema)
[[ -x ${binaries[0]} ]] || { echo "no binaries in $build/bin"; exit 1; }

# The packages of the files on standard input. A file may be known by its name below / or below /usr; the other is unknown.
packages() {
  local files
  files=$(sort -u | xargs -r realpath -e | sed -E 'p; s|^/usr(/lib)|\1|' | sort -u)
  { xargs -r dpkg -S <<<"$files" 2>/dev/null || true; } | sed 's/[:,].*//' | sort -u
}

# Libraries that the binaries themselves ask for, and all that come with these.
ldd "${binaries[@]}" | awk '$2 == "=>" { print $1, $3 }' | sort -u >"$work/libraries"
readelf -dW "${binaries[@]}" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u >"$work/needed"
awk 'NR == FNR { needed[$1]; next } $1 in needed { print $2 }' "$work/needed" "$work/libraries" | packages >"$work/linked"
awk '{ print $2 }' "$work/libraries" | packages >"$work/closure"
# Headers of all objects but the tests', archives of the system, and definitions that code was generated from.
ninja -C "$build" -t deps 2>/dev/null |
  awk '/^[^ ].*: #deps/ { on = $1 !~ /^tests\// } on && /^    \/usr\// { print $1 }' | packages >"$work/compiled"
{
  ninja -C "$build" -t commands "${binaries[@]/#$build\//}" | grep -oE '/usr/[^ ]*\.a( |$)' || true
  grep -ohE '/usr/[^ |]*\.proto' "$build/build.ninja" || true
} | packages >"$work/generated"
sort -u "$work/linked" "$work/compiled" "$work/generated" >"$work/used"
expect_match 'something was found' "$(<"$work/linked")" 'libgrpc'
expect_match 'headers were found' "$(<"$work/compiled")" 'libabsl-dev'

# A line per package: package, version, licence.
awk -F ' *[|] *' '/^\| .*`/ { n = split($5, names, /[` ]+/); for (i = 1; i <= n; i++) if (names[i] != "") print names[i] "\t" $3 "\t" $4 }' \
  "$notices" >"$work/rows"
cut -f 1 "$work/rows" | sort >"$work/listed"
expect_equal 'packages that are listed twice' "$(uniq -d "$work/listed")" ''
expect_equal 'packages in the binaries that are not listed' "$(comm -23 "$work/used" "$work/listed")" ''
expect_equal 'packages that are listed and in no binary' \
  "$(comm -13 <(sort -u "$work/used" "$work/closure") "$work/listed")" ''
while IFS=$'\t' read -r package version licence; do
  [[ -n $licence ]] || fail "$package: no licence"
  installed=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null) || continue
  installed=${installed#*:}
  [[ $installed == "$version"[-.+~]* ]] || fail "$package: $installed is installed, the notices say $version"
done <"$work/rows"
finish
