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
  local kind key site=$1
  local -a field
  local -A patient_ids=()
  [[ ! -e $2 ]] || return 0
  while IFS='|' read -r kind key field[0] field[1] field[2] field[3] field[4] field[5]; do
    case $kind in
      patient)
        patient_ids[$key]=$(created_id "$site" patients --source-key "$key" --first-name "${field[0]}" \
          --last-name "${field[1]}" --date-of-birth "${field[2]}" --gender "${field[3]}" \
          ${field[4]:+--contact-number "${field[4]}"} ${field[5]:+--deceased})
        ;;
      record)
        created_id "$site" records --source-key "$key" --patient-id "${patient_ids[${field[0]}]}" \
          --diagnosis "${field[1]}" ${field[2]:+--treatment "${field[2]}"} --admission-date "${field[3]}" \
          ${field[4]:+--discharge-date "${field[4]}"} >/dev/null
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
