# shellcheck shell=bash
# Everything that up, down and status share, in the order in which the files build on each other.

# Data, keys, passwords and logs are the user's alone, and so is what the services write. Folders that the user names
# keep the user's own umask.
# shellcheck disable=SC2034  # for up
users_umask=$(umask)
umask 077

lib=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=deploy/local/lib/common.sh
. "$lib/common.sh"
# shellcheck source=deploy/local/lib/packages.sh
. "$lib/packages.sh"
# shellcheck source=deploy/local/lib/engine.sh
. "$lib/engine.sh"
# shellcheck source=deploy/local/lib/database.sh
. "$lib/database.sh"
# shellcheck source=deploy/local/lib/build.sh
. "$lib/build.sh"
# shellcheck source=deploy/local/lib/sites.sh
. "$lib/sites.sh"
# shellcheck source=deploy/local/lib/configuration.sh
. "$lib/configuration.sh"
# shellcheck source=deploy/local/lib/project.sh
. "$lib/project.sh"
# shellcheck source=deploy/local/lib/sample.sh
. "$lib/sample.sh"
# shellcheck source=deploy/local/lib/steps.sh
. "$lib/steps.sh"
