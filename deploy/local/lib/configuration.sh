# shellcheck shell=bash
# Writes the local system's configuration: services, client, keys. Sourced after sites.sh.
# Paths in a file count from its folder, so a checkout can be moved while nothing runs.

write_configuration() {
  local site
  mkdir -p "$STATE/keys" "$STATE/plugins"
  [[ -s $STATE/keys/page-token ]] || write_secret "$STATE/keys/page-token" "$(openssl rand -hex 32)"
  # A checkout under umask 002 has them writable by the group, which the services refuse. Not ours to change: they say so.
  chmod go-w "$BONNIE_ROOT"/deploy/local/{records,schema}_policy.textproto || true
  allow_plugins
  for site in "${SITES[@]}"; do
    write_file "$STATE/$site/records.textproto" records_config "$site"
    write_file "$STATE/$site/schema.textproto" schema_config "$site" ../../migrations bonnie bonnie_schema ../"$site"/passwords
  done
  write_file "$STATE/client.textproto" client_config client
  write_file "$STATE/approver.textproto" client_config approver
}

# Written only when it differs: the services look at these files' times.
write_file() {  # FILE COMMAND…
  local file=$1
  shift
  mkdir -p "$(dirname "$file")"
  "$@" >"$file.new"
  if cmp -s "$file.new" "$file"; then rm "$file.new"; else mv -f "$file.new" "$file"; fi
  chmod go-w "$file"  # services refuse a configuration that others may write
}

# The driver answers any authentication plugin that it finds, clear text included: it gets a folder with the one it needs.
allow_plugins() {
  local plugin
  plugin=$(compgen -G '/usr/lib/*-linux-gnu/libmariadb3/plugin/caching_sha2_password.so') ||
    die 'caching_sha2_password.so of libmariadb3 is missing'
  ln -sfn "$plugin" "$STATE/plugins/caching_sha2_password.so"
}

header() {  # MESSAGE
  say "# Written by deploy/local/up at every start; typed by bonnie.config.v1.$1."
}

server_block() {  # SITE SERVICE
  cat <<EOF2
server {
  address: "127.0.0.1:$(port_of "$1" "$2")"
  metrics_address: "127.0.0.1:$(port_of "$1" "$2-metrics")"
  tls {
    cert_file: "../pki/$1-$2.pem"
    key_file: "../pki/$1-$2.key"
    client_ca_file: "../pki/ca.pem"
  }
  policy_file: "../../deploy/local/$2_policy.textproto"
  log { file: "$2.log" max_file_bytes: 10000000 max_files: 3 }
  drain_delay { seconds: 0 }
}
EOF2
}

database_block() {  # SITE_OF_SERVER SCHEMA USER PASSWORD_FILE
  cat <<EOF2
database {
  host: "127.0.0.1"
  port: $(port_of "$1" mysql)
  schema: "$2"
  credentials { user: "$3" password_file: "$4" }
  tls { ca_file: "../pki/ca.pem" plugin_dir: "../plugins" }
}
EOF2
}

records_config() {  # SITE
  header RecordsConfig
  say "site: \"$1\""
  server_block "$1" records
  database_block "$1" bonnie bonnie_records passwords/records
  say 'page_token_keys { key_file: "../keys/page-token" }'
}

schema_config() {  # SITE MIGRATIONS_DIR SCHEMA USER PASSWORDS [APPROVAL]
  local database=$1 migrations=${2//\\/\\\\} approval=${6:-none}
  [[ $1 != project ]] || database=azure
  header SchemaConfig
  say "site: \"$1\""
  server_block "$1" schema
  database_block "$database" "$3" "$4" "$5/${4#bonnie_}"
  say "approval: APPROVAL_POLICY_${approval^^}  # what drops data still has to be allowed by name"
  say "migrations_dir: \"${migrations//\"/\\\"}\""
  if [[ $1 == project ]]; then
    say "scratch { user: \"bonnie_project_scratch\" password_file: \"../$database/passwords/project_scratch\" }"
    say 'scratch_database_prefix: "bonnie_project_scratch_"'
  else
    say "scratch { user: \"bonnie_scratch\" password_file: \"../$database/passwords/scratch\" }"
    peer_blocks "$1"
  fi
}

# The URI that deploy/pki/make-pki puts into the service's certificate.
identity_of() { say "spiffe://bonnie/$1-$2"; }  # SITE SERVICE

# The other sites' schema services.
peer_blocks() {  # SITE
  local site
  for site in "${SITES[@]}"; do
    [[ $site == "$1" ]] || say "peers { name: \"$site\" address: \"localhost:$(port_of "$site" schema)\" identity: \"$(identity_of "$site" schema)\" }"
  done
}

client_config() {  # IDENTITY
  local site
  header ClientConfig
  say 'default_site: "azure"'
  for site in "${SITES[@]}"; do
    cat <<EOF2
sites {
  name: "$site"
  records_address: "localhost:$(port_of "$site" records)"
  schema_address: "localhost:$(port_of "$site" schema)"
  records_identity: "$(identity_of "$site" records)"
  schema_identity: "$(identity_of "$site" schema)"
}
EOF2
  done
  if [[ -e $STATE/project/schema.textproto ]]; then
    cat <<EOF2
sites {
  name: "project"
  schema_address: "localhost:$(port_of project schema)"
  schema_identity: "$(identity_of project schema)"
  not_in_all: true
}
EOF2
  fi
  say "tls { ca_file: \"pki/ca.pem\" cert_file: \"pki/$1.pem\" key_file: \"pki/$1.key\" }"
}
