#ifndef BONNIE_CLIENTS_CPP_CONFIG_H_
#define BONNIE_CLIENTS_CPP_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/options.h"

namespace bonnie::client {

// A client's configuration: the sites it knows and its identity. bonnie.config.v1.ClientConfig, checked, paths
// absolute.
struct Config {
  struct Site {
    std::string name;
    std::string records_address;  // host:port; empty where the site has no records service
    std::string schema_address;   // host:port
    bool not_in_all = false;
    std::string records_identity;  // URI SANs of the services' certificates; empty: not checked
    std::string schema_identity;
  };

  std::string file;          // where it was read from
  std::string default_site;  // empty: none
  std::vector<Site> sites;   // in the order of the file
  TlsFiles tls;
  bool insecure_loopback = false;

  // The site called `name`, or null.
  const Site* FindSite(absl::string_view name) const;
  // How to call a site's records service, and its schema service: with its name, so that a wrong address is refused.
  // `timeout` and `wait_for_ready` keep their defaults.
  Options RecordsOptions(const Site& site) const;
  Options SchemaOptions(const Site& site) const;
};

// Where to look for the file, as the process's surroundings say.
struct ConfigSearch {
  std::string flag;         // --config; wins, and must exist
  std::string environment;  // $BONNIE_CONFIG; next, and must exist when set
  std::string home;         // $HOME
  std::string folder;       // the current one

  // From the process's environment and folder.
  static ConfigSearch FromProcess(std::string flag);
};

// The first that exists of: the flag, $BONNIE_CONFIG, .bonnie/client.textproto, ~/.config/bonnie/client.textproto,
// /etc/bonnie/client.textproto. kNotFound: there is none; names all places that were looked at.
absl::StatusOr<std::string> FindConfig(const ConfigSearch& search);

// Reads and checks `file`. Relative paths in it count from its folder.
// kNotFound, kPermissionDenied: cannot be read. kInvalidArgument: a syntax error, an unknown field, or an impossible
// value; says `file:line:column: what, want what`.
absl::StatusOr<Config> LoadConfig(const std::string& file);

}  // namespace bonnie::client

#endif  // BONNIE_CLIENTS_CPP_CONFIG_H_
