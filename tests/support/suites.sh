# shellcheck shell=bash
# Runs test programs and scripts and notes each case. Sourced by tests/run, which sets:
#   work     folder of this run: results/ (one file per program), logs/
#   scratch  folder that tests get as $TMPDIR
#   filter   regular expression over "suite/program/case", or empty
#
# shellcheck disable=SC2154  # those three
#
# A result line: passed|failed|skipped <tab> suite/program/case <tab> reason

note() {  # FILE STATUS NAME [REASON]
  printf '%s\t%s\t%s\n' "$2" "$3" "${4:-}" >>"$1"
}

# The build's test programs with a label, one a line: name <tab> seconds <tab> path. A test's target has its name.
test_programs() {  # BUILD_DIR LABEL
  ctest --test-dir "$1" --show-only=json-v1 | jq -r --arg want "$2" '
    .tests[] | (.properties | map({(.name): .value}) | add // {}) as $p
    | select(($p.LABELS // []) | index($want))
    | [.name, (($p.TIMEOUT // 300) | floor | tostring), (.command[0] // "")] | @tsv'
}

# Runs the programs of a label, JOBS at a time, under a suite's name.
run_programs() {  # SUITE BUILD_DIR LABEL JOBS SLOWNESS
  local suite=$1 name seconds program programs
  programs=$(test_programs "$2" "$3") || die "no list of the $3 tests in $2"
  [[ -n $programs ]] || return 0
  while IFS=$'\t' read -r name seconds program; do
    while (($(jobs -rp | wc -l) >= $4)); do wait -n || true; done
    run_program "$suite" "$name" "$program" $((seconds * $5)) &
  done <<<"$programs"
  wait
}

run_program() {  # SUITE NAME PROGRAM SECONDS
  local suite=$1 name=$2 program=$3 seconds=$4 code=0
  local log=$work/logs/$suite/$name.log xml=$work/results/$suite.$name.xml results=$work/results/$suite.$name.tsv
  local selection=()
  if [[ -n $filter ]]; then
    selection=("--gtest_filter=$(selected_cases "$suite/$name" "$program")")
    [[ ${selection[0]} != --gtest_filter= ]] || return 0
  fi
  mkdir -p "$(dirname "$log")"
  # The braces keep the shell's own word about a program that aborts off the terminal.
  {
    GTEST_OUTPUT=xml:$xml TMPDIR=$scratch TEST_TMPDIR=$scratch timeout -k 10 "$seconds" "$program" "${selection[@]}" \
      >"$log" 2>&1 </dev/null || code=$?
  } 2>/dev/null
  if [[ -s $xml ]]; then read_xml "$suite/$name" "$xml" >"$results"; else : >"$results"; fi
  if ((code != 0)) && ! grep -q '^failed' "$results"; then
    # It died before it could tell; what it had finished by then is in its log.
    sed -n -e "s|^\[       OK \] \([^ ]*\).*|passed\t$suite/$name/\1\t|p" \
      -e "s|^\[  FAILED  \] \([^ ]*\) (.*|failed\t$suite/$name/\1\t|p" "$log" >"$results"
    note "$results" failed "$suite/$name" "$( ((code == 124 || code == 137)) && echo "took over $seconds s" || echo "ended with exit code $code")"
  fi
  if grep -q '^failed' "$results"; then
    sed 's/^/    /' "$log" | grep -v -E '\[ +(OK|RUN|---+) ' | tail -n 60 >>"$work/failures.txt"
  fi
  say "  $suite/$name: $(tally "$results")"
  # Figures that a test counts, such as "fixpoint: 87 of 87 tables".
  grep -E '^(fixpoint|pairs|values|forecast|inspect|recognised|chain): ' "$log" | sed 's/^/    /' || true
}

# The cases of a program that the filter takes, as --gtest_filter wants them.
selected_cases() {  # SUITE/NAME PROGRAM
  "$2" --gtest_list_tests 2>/dev/null | awk -v prefix="$1/" -v filter="$filter" '
    /^[^ ]/ { group = $1; next }
    { case_name = group $1; if ((prefix case_name) ~ filter) { printf "%s%s", separator, case_name; separator = ":" } }'
}

# GoogleTest writes one element a line.
read_xml() {  # PREFIX XML
  awk -v prefix="$1/" '
    function attribute(line, key,   from) {
      if (!match(line, " " key "=\"[^\"]*\"")) return ""
      from = RSTART + length(key) + 3
      return substr(line, from, RLENGTH - length(key) - 4)
    }
    function flush() { if (name != "") printf "%s\t%s%s\t%s\n", status, prefix, name, reason; name = "" }
    /<testcase / {
      flush()
      if (attribute($0, "status") == "notrun") next
      name = attribute($0, "classname") "." attribute($0, "name"); status = "passed"; reason = ""
    }
    /<failure / { status = "failed" }
    /<skipped / {
      if (status != "failed") status = "skipped"
      reason = attribute($0, "message")
      gsub(/&#x0A;/, " ", reason); gsub(/&quot;/, "\"", reason); gsub(/&apos;/, "\x27", reason); gsub(/&lt;/, "<", reason)
      gsub(/&gt;/, ">", reason); gsub(/&amp;/, "\\&", reason); sub(/^[^ ]*:[0-9]+ +/, "", reason)
    }
    END { flush() }' "$2"
}

# Scripts: exit 0 passed, 77 skipped with the last line as the reason, anything else failed. One that does not look at
# $BONNIE_TEST_ENGINE says so by a line "# engine: any" and runs once; one that measures time, or takes ports that are
# not its own, says "# runs: alone". The others run JOBS at a time: they wait more than they compute.
run_scripts() {  # SUITE FIRST(true|false) JOBS
  local script name alone=()
  while IFS= read -r script; do
    name=$1/${script#"$BONNIE_ROOT"/tests/}
    if ! $2 && grep -q '^# engine: any' "$script"; then continue; fi
    [[ -z $filter || $name =~ $filter ]] || continue
    if grep -q '^# runs: alone' "$script"; then alone+=("$script"); continue; fi
    while (($(jobs -rp | wc -l) >= $3)); do wait -n || true; done
    run_script "$name" 600 "$script" &
  done < <(find "$BONNIE_ROOT/tests" -type f -perm -u+x \( -name '*_test.sh' -o -path '*/e2e/run-*' \) | sort)
  wait
  for script in "${alone[@]}"; do run_script "$1/${script#"$BONNIE_ROOT"/tests/}" 600 "$script"; done
}

# One check or script that counts as one test.
run_script() {  # NAME SECONDS COMMAND…
  local name=$1 seconds=$2 code=0 log results
  shift 2
  log=$work/logs/$name.log
  results=$work/results/${name//\//.}.tsv
  mkdir -p "$(dirname "$log")"
  TMPDIR=$scratch timeout -k 10 "$seconds" "$@" >"$log" 2>&1 </dev/null || code=$?
  case $code in
    0) note "$results" passed "$name" ;;
    77) note "$results" skipped "$name" "$(tail -n 1 "$log")" ;;
    124 | 137) note "$results" failed "$name" "took over $seconds s" ;;
    *) note "$results" failed "$name" "ended with exit code $code" ;;
  esac
  grep -q '^failed' "$results" && sed 's/^/    /' "$log" | tail -n 60 >>"$work/failures.txt"
  say "  $name: $(tally "$results")"
}

count() {  # STATUS FILE…
  local status=$1
  shift
  cat "$@" 2>/dev/null | grep -c "^$status" || true
}

tally() {  # FILE…
  local passed failed skipped
  passed=$(count passed "$@") failed=$(count failed "$@") skipped=$(count skipped "$@")
  say "$passed passed, $failed failed$( ((skipped == 0)) || echo ", $skipped skipped")"
}
