# shellcheck shell=bash
# Loads deploy/local/sample.txt through the command, as a person would. Sourced after sites.sh.

# Once per data directory: whoever deletes a sample patient does not want it back at the next start.
load_samples() {  # ENGINE
  local site jobs=() job
  for site in "${SITES[@]}"; do
    load_sample "$site" "$STATE/$site/data/$1.sample" &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do wait "$job"; done
}

load_sample() {  # SITE MARK
  local site=$1 line
  local -A patient_ids=()
  [[ ! -e $2 ]] || return 0
  while IFS='|' read -r -a line; do
    case ${line[0]:-} in
      patient)
        patient_ids[${line[1]}]=$(created_id "$site" patients --source-key "${line[1]}" --first-name "${line[2]}" \
          --last-name "${line[3]}" --date-of-birth "${line[4]}" --gender "${line[5]}" \
          ${line[6]:+--contact-number "${line[6]}"} ${line[7]:+--deceased})
        ;;
      record)
        created_id "$site" records --source-key "${line[1]}" --patient-id "${patient_ids[${line[2]}]}" \
          --diagnosis "${line[3]}" ${line[4]:+--treatment "${line[4]}"} --admission-date "${line[5]}" \
          ${line[6]:+--discharge-date "${line[6]}"} >/dev/null
        ;;
    esac
  done <"$BONNIE_ROOT/deploy/local/sample.txt"
  : >"$2"
}

# Creates a row and prints its id. One that a cut-off run has created already is named in the refusal.
created_id() {  # SITE GROUP OPTION…
  local answer code=0
  answer=$(bonnie --site "$1" --output json "$2" create "${@:3}" 2>&1) || code=$?
  case $code in
    0) sed -n 's/.*"id": *"\{0,1\}\([0-9]*\).*/\1/p' <<<"$answer" | head -n 1 ;;
    70) sed -n "s|.*$2/\([0-9]*\).*|\1|p" <<<"$answer" | head -n 1 ;;  # ALREADY_EXISTS
    *) die "$answer" ;;
  esac
}
