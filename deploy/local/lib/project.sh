# shellcheck shell=bash
# A schema of the user's own: one more schema service, on a database of its own on azure's server.
# Sourced after configuration.sh.

# No underscore: in GRANT … ON `name`.* it would be a wildcard.
project_database() {  # DIR
  say "project$(printf '%s' "$1" | sha256sum | cut -c 1-12)"
}

# The project's database users on azure's server. Its scratch account is not azure's: each would read and drop the
# other's scratch databases, and a project's models come from whoever works on it.
readonly PROJECT_USERS=(project project_scratch)

# Makes DIR's database, its ledger and its users on azure's server, unless they are there. The first reads its tables.
prepare_project() {  # DIR
  local database user moved=false passwords=$STATE/azure/passwords
  database=$(project_database "$1")
  if has_old_ledger "$STATE/azure" "$database"; then moved=true; fi
  for user in "${PROJECT_USERS[@]}"; do
    [[ -s $passwords/$user ]] || write_secret "$passwords/$user" "$(random_password)"
  done
  {
    say "CREATE DATABASE IF NOT EXISTS $database CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci; USE $database;"
    for user in "${PROJECT_USERS[@]}"; do
      say "CREATE USER IF NOT EXISTS 'bonnie_$user'@'%' REQUIRE SSL ACCOUNT LOCK;"
      say "ALTER USER 'bonnie_$user'@'%' IDENTIFIED BY '$(<"$passwords/$user")' ACCOUNT UNLOCK;"
    done
    sed -e 's/bonnie_schema/bonnie_project/g; s/bonnie_scratch/bonnie_project_scratch/' \
      -e 's/bonnie\\_scratch/bonnie\\_project\\_scratch/' \
      "$BONNIE_ROOT/deploy/mysql/schema.sql" "$BONNIE_ROOT/deploy/mysql/schema_$(running_engine azure).sql"
    say "GRANT SELECT ON $database.* TO 'bonnie_project'@'%';"
    ledger_sql "$database" bonnie_project
  } | database_sql "$STATE/azure"
  if $moved; then stop_service project schema; fi
}

# Whose approval the project of DIR wants so far: none, self or other.
project_approval() {  # DIR
  local config=$STATE/project/schema.textproto approval=''
  if [[ -s $config ]] && grep -qF "schema: \"$(project_database "$1")\"" "$config"; then
    approval=$(sed -n 's/^approval: APPROVAL_POLICY_\([A-Z]*\).*/\1/p' "$config")
  fi
  approval=${approval:-NONE}
  say "${approval,,}"
}

# Configures the project's schema service for DIR. One that serves another folder, or wants another's approval, ends, to
# start again with this one.
configure_project() {  # DIR APPROVAL
  local config=$STATE/project/schema.textproto
  mkdir -p "$STATE/project"
  schema_config project "$1" "$(project_database "$1")" bonnie_project ../azure/passwords "$2" >"$config.wanted"
  if ! cmp -s "$config.wanted" "$config"; then stop_service project schema; fi
  mv -f "$config.wanted" "$config"
}
