#!/usr/bin/env bash
# `bonnie schema erd` and `docs`: files in every format, differences, choices of tables, refusals; names that look like markup.
# shellcheck disable=SC2016  # backticks are names
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source=tests/e2e/lib/site.sh
. "$here/lib/site.sh"

try() {  # ARGUMENT…   keeps exit code, output and errors
  code=0
  out=$(bonnie schema "$@" 2>"$work/err" </dev/null) || code=$?
  err=$(<"$work/err")
}
well_formed() { python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$1" && echo yes; }

start_site azure --base
root_sql azure "GRANT SELECT ON bonnie.* TO 'bonnie_schema'@'%'"
cd "$work"
bonnie schema upgrade head --yes --allow kept-elsewhere >"$work/upgrade.log" 2>&1

try erd -o erd.svg
expect_equal 'an SVG' "$code/$out" '0/erd.svg: written'
expect_equal 'it is well formed' "$(well_formed erd.svg)" yes
expect_match 'it shows tables and columns' "$(<erd.svg)" '>medical_records<.*>patient_id<.*>patients<.*>date_of_birth<.*>request_log<'
try erd -o again.svg
expect_equal 'the same schema has the same bytes' "$(cmp erd.svg again.svg && echo same)" same
try erd
expect_equal 'without a file it goes to the console' "$out" "$(<erd.svg)"
try erd -o erd.dot
expect_match 'DOT' "$(<erd.dot)" '^digraph schema .*arrowhead=crowodot'
try erd -o erd.mmd
expect_match 'Mermaid' "$(<erd.mmd)" '^erDiagram.*"patients" \|\|--o\{ "medical_records"'
try erd --format mermaid --table patients
expect_match 'one table' "$out" '"patients" \{'
expect_equal 'one table alone' "$(grep -c '{$' <<<"$out")" 1
try erd --format mermaid --table 'PAT*' --distance 1 --detail names
expect_equal 'with its neighbours' "$(grep -c '^  "[a-z_]*" {$' <<<"$out")" 2
try erd --diff 0001 0004 -o diff.svg
expect_equal 'differences' "$code" 0
expect_equal 'they are well formed' "$(well_formed diff.svg)" yes
expect_match 'they have marks and words' "$(<diff.svg)" '>varchar\(50\) → varchar\(100\).*>added<.*>removed<.*>changed<'
try erd model --diff live --format mermaid
expect_equal 'model against the database' "$code" 0
expect_equal 'they are the same' "$(grep -cE 'added|removed|changed' <<<"$out")" 0

try docs -o SCHEMA.md
expect_equal 'a data dictionary' "$code/$out" '0/SCHEMA.md: written'
expect_match 'it describes the tables' "$(<SCHEMA.md)" '# Data dictionary.*### patients.*Referenced by.*medical_records_patient.*```mermaid'
try docs head --table 'medical_*'
expect_match 'one table of a revision' "$out" '### medical_records'
expect_equal 'alone' "$(grep -c '^### ' <<<"$out")" 1

try erd --table nobody -o nobody.svg
expect_equal 'a table that is not there' "$code" 67
expect_match 'it is named' "$err" 'no such table: nobody'
expect_equal 'no file is left' "$(compgen -G 'nobody*')" ''
try erd -o erd.png
expect_equal 'an ending that says no format' "$code" 2
expect_match 'it says which do' "$err" 'want .svg, .dot or .mmd'
try erd -o no/such/folder/erd.svg
expect_equal 'a folder that is not there' "$code" 2
try erd --distance 2
expect_equal 'a distance from nothing' "$code" 67
try erd 9999
expect_equal 'an unknown revision' "$code" 67
out=$(bonnie_as reader schema erd --format mermaid)
expect_match 'a reader may draw' "$out" '^erDiagram'
for source in --model heads base; do  # these are executed in scratch
  code=0
  bonnie_as reader schema erd "$source" >"$work/reader" 2>&1 || code=$?
  expect_equal "a reader has nothing executed: $source" "$code" 71
  expect_match "a reader has nothing executed: $source" "$(<"$work/reader")" 'RIGHT_MISSING: no role of spiffe://bonnie/reader gives the right'
done
code=0
bonnie_as clerk schema docs >/dev/null 2>&1 || code=$?
expect_equal 'who may not look may not draw' "$code" 71

root_sql azure 'CREATE TABLE `<b> & "x" ``y```` %% ☃` (`</text><script>alert(1)</script>` INT PRIMARY KEY) COMMENT="]]> --> |"'
try erd -o odd.svg
expect_equal 'odd names' "$code" 0
expect_equal 'odd names are well formed' "$(well_formed odd.svg)" yes
expect_equal 'nothing runs' "$(grep -c '<script' odd.svg)" 0
try docs -o odd.md
expect_equal 'odd names in Markdown' "$code" 0
finish
