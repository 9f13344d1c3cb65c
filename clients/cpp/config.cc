#include "clients/cpp/config.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bonnie/config/v1/config.pb.h"
#include "clients/cpp/channel.h"

namespace bonnie::client {
namespace {

using config::v1::ClientConfig;
using config::v1::ClientSite;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Keeps the first error of the parser, with its place.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(std::string file) : file_(std::move(file)) {}
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (text_.empty()) text_ = absl::StrCat(file_, ":", line + 1, ":", column + 1, ": ", message);
  }
  void AddWarning(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
  const std::string& text() const { return text_; }

 private:
  const std::string file_;
  std::string text_;
};

// Refuses values, each with the place at which the file gives it (or, for one that is missing, its message).
class Checker {
 public:
  Checker(const std::string& file, const TextFormat::ParseInfoTree& tree) : file_(file), tree_(tree) {}

  absl::Status Refuse(const TextFormat::ParseInfoTree* tree, const Message& message, int field_number,
                      absl::string_view why) const {
    const FieldDescriptor* field = message.GetDescriptor()->FindFieldByNumber(field_number);
    const TextFormat::ParseLocation place =
        tree == nullptr ? TextFormat::ParseLocation() : tree->GetLocation(field, field->is_repeated() ? 0 : -1);
    const std::string line = place.line < 0 ? "" : absl::StrCat(":", place.line + 1, ":", place.column + 1);
    return absl::InvalidArgumentError(absl::StrCat(file_, line, ": ", field->name(), ": ", why));
  }

  absl::Status Check(const ClientConfig& config) const {
    std::set<std::string> names;
    if (config.sites().empty())
      return Refuse(&tree_, config, ClientConfig::kSitesFieldNumber, "want at least one site");
    for (int i = 0; i < config.sites_size(); ++i) {
      if (absl::Status site = CheckSite(config, i); !site.ok()) return site;
      if (!names.insert(config.sites(i).name()).second) {
        return RefuseInSite(config, i, ClientSite::kNameFieldNumber, "is there twice, want each site once");
      }
    }
    if (!config.default_site().empty() && names.count(config.default_site()) == 0) {
      return Refuse(&tree_, config, ClientConfig::kDefaultSiteFieldNumber,
                    absl::StrCat("'", config.default_site(), "', want one of ", absl::StrJoin(names, ", ")));
    }
    if (absl::Status tls = CheckTls(config); !tls.ok()) return tls;
    for (int i = 0; i < config.sites_size(); ++i) {
      if (absl::Status identities = CheckIdentities(config, i); !identities.ok()) return identities;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status RefuseInSite(const ClientConfig& config, int index, int field_number, absl::string_view why) const {
    const TextFormat::ParseInfoTree* tree =
        tree_.GetTreeForNested(ClientConfig::descriptor()->FindFieldByNumber(ClientConfig::kSitesFieldNumber), index);
    return Refuse(tree, config.sites(index), field_number, absl::StrCat(why, " (sites[", index, "])"));
  }

  absl::Status CheckSite(const ClientConfig& config, int index) const {
    const ClientSite& site = config.sites(index);
    if (site.name().empty() || site.name().size() > 32 || site.name() == "all" ||
        site.name().find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) {
      return RefuseInSite(config, index, ClientSite::kNameFieldNumber, "want 1 to 32 of a-z0-9- and not 'all'");
    }
    for (const auto& [number, address] : {std::pair(ClientSite::kRecordsAddressFieldNumber, site.records_address()),
                                          std::pair(ClientSite::kSchemaAddressFieldNumber, site.schema_address())}) {
      if (address.empty() && number == ClientSite::kRecordsAddressFieldNumber) continue;
      Options options;
      options.address = address;
      options.insecure_loopback = config.tls().insecure_loopback();
      if (absl::Status valid = CheckAddress(options); !valid.ok()) {
        return RefuseInSite(config, index, number, std::string(valid.message().substr(std::strlen("address: "))));
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckIdentities(const ClientConfig& config, int index) const {
    const ClientSite& site = config.sites(index);
    for (const auto& [number, identity] : {std::pair(ClientSite::kRecordsIdentityFieldNumber, site.records_identity()),
                                           std::pair(ClientSite::kSchemaIdentityFieldNumber, site.schema_identity())}) {
      if (identity.empty()) continue;
      if (config.tls().insecure_loopback()) {
        return RefuseInSite(config, index, number, "excludes insecure_loopback: plaintext has no certificate");
      }
      if (!absl::StrContains(identity, "://") || identity.size() > 512) {
        return RefuseInSite(config, index, number,
                            "must be the URI in the service's certificate, such as spiffe://bonnie/azure-records");
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckTls(const ClientConfig& config) const {
    const config::v1::ClientTls& tls = config.tls();
    const TextFormat::ParseInfoTree* tree =
        tree_.GetTreeForNested(ClientConfig::descriptor()->FindFieldByNumber(ClientConfig::kTlsFieldNumber), -1);
    for (const auto& [number, file] : {std::pair(config::v1::ClientTls::kCaFileFieldNumber, tls.ca_file()),
                                       std::pair(config::v1::ClientTls::kCertFileFieldNumber, tls.cert_file()),
                                       std::pair(config::v1::ClientTls::kKeyFileFieldNumber, tls.key_file())}) {
      if (file.empty() && !tls.insecure_loopback())
        return Refuse(tree, tls, number, "not set, want the path of a PEM file");
      if (!file.empty() && tls.insecure_loopback())
        return Refuse(tree, tls, number, "excludes insecure_loopback, want one of them");
    }
    return absl::OkStatus();
  }

  const std::string& file_;
  const TextFormat::ParseInfoTree& tree_;
};

std::string Absolute(const std::filesystem::path& folder, const std::string& path) {
  return path.empty() ? path : (folder / path).lexically_normal().string();
}

Config FromProto(const std::string& file, const ClientConfig& proto) {
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::absolute(file, ignored).parent_path();
  Config config;
  config.file = file;
  config.default_site = proto.default_site();
  for (const ClientSite& site : proto.sites()) {
    config.sites.push_back({site.name(), site.records_address(), site.schema_address(), site.not_in_all(),
                            site.records_identity(), site.schema_identity()});
  }
  config.tls = {Absolute(folder, proto.tls().ca_file()), Absolute(folder, proto.tls().cert_file()),
                Absolute(folder, proto.tls().key_file())};
  config.insecure_loopback = proto.tls().insecure_loopback();
  return config;
}

}  // namespace

const Config::Site* Config::FindSite(absl::string_view name) const {
  for (const Site& site : sites) {
    if (site.name == name) return &site;
  }
  return nullptr;
}

Options Config::RecordsOptions(const Site& site) const {
  return {site.records_address, site.name, tls, insecure_loopback, site.records_identity};
}

Options Config::SchemaOptions(const Site& site) const {
  return {site.schema_address, site.name, tls, insecure_loopback, site.schema_identity};
}

ConfigSearch ConfigSearch::FromProcess(std::string flag) {
  return {std::move(flag), Environment("BONNIE_CONFIG"), Environment("HOME"), "."};
}

absl::StatusOr<std::string> FindConfig(const ConfigSearch& search) {
  if (!search.flag.empty()) return search.flag;
  if (!search.environment.empty()) return search.environment;
  std::vector<std::string> places = {search.folder + "/.bonnie/client.textproto"};
  if (!search.home.empty()) places.push_back(search.home + "/.config/bonnie/client.textproto");
  places.push_back("/etc/bonnie/client.textproto");
  for (const std::string& place : places) {
    std::error_code ignored;
    if (std::filesystem::exists(place, ignored)) return place;
  }
  return absl::NotFoundError(absl::StrCat("no client configuration: looked for --config, $BONNIE_CONFIG, ",
                                          absl::StrJoin(places, ", "),
                                          "; `deploy/local/up` writes the first of these files"));
}

absl::StatusOr<Config> LoadConfig(const std::string& file) {
  std::ifstream stream(file);
  std::error_code ignored;
  if (!stream || std::filesystem::is_directory(file, ignored)) {
    const int error = stream ? EISDIR : errno;
    return absl::Status(error == EACCES ? absl::StatusCode::kPermissionDenied : absl::StatusCode::kNotFound,
                        absl::StrCat(file, ": ", std::strerror(error), ", want a client configuration"));
  }
  const std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  ClientConfig proto;
  FirstError error(file);
  TextFormat::ParseInfoTree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&tree);
  if (!parser.ParseFromString(text, &proto)) return absl::InvalidArgumentError(error.text());
  if (absl::Status checked = Checker(file, tree).Check(proto); !checked.ok()) return checked;
  return FromProto(file, proto);
}

}  // namespace bonnie::client
