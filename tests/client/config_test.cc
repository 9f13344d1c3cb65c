#include "clients/cpp/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace bonnie::client {
namespace {

using ::testing::HasSubstr;

constexpr char kGood[] = R"(default_site: "azure"
sites {
  name: "azure"
  records_address: "localhost:7101" records_identity: "spiffe://bonnie/azure-records"
  schema_address: "localhost:7102"
}
sites { name: "project" schema_address: "localhost:7302" not_in_all: true }
tls {
  ca_file: "pki/ca.pem"
  cert_file: "pki/client.pem"
  key_file: "/etc/bonnie/client.key"
}
)";

class ConfigTest : public ::testing::Test {
 protected:
  ConfigTest() : folder_(std::filesystem::temp_directory_path() / absl::StrCat("config-test-", getpid())) {
    std::filesystem::create_directories(folder_);
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::filesystem::path file = folder_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file.string();
  }

  const std::filesystem::path folder_;
};

TEST_F(ConfigTest, ReadsSitesInOrderAndPathsFromItsFolder) {
  const absl::StatusOr<Config> config = LoadConfig(Write("client.textproto", kGood));
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->default_site, "azure");
  ASSERT_EQ(config->sites.size(), 2u);
  EXPECT_EQ(config->sites[0].records_address, "localhost:7101");
  EXPECT_EQ(config->sites[1].name, "project");
  EXPECT_TRUE(config->sites[1].not_in_all);
  EXPECT_EQ(config->tls.ca_file, (folder_ / "pki/ca.pem").string());
  EXPECT_EQ(config->tls.key_file, "/etc/bonnie/client.key");
  EXPECT_EQ(config->FindSite("azure"), &config->sites[0]);
  EXPECT_EQ(config->FindSite("gcp"), nullptr);
  const Options options = config->RecordsOptions(config->sites[0]);
  EXPECT_EQ(options.address, "localhost:7101");
  EXPECT_EQ(options.site, "azure");
  EXPECT_EQ(options.tls.cert_file, (folder_ / "pki/client.pem").string());
  EXPECT_EQ(options.service_identity, "spiffe://bonnie/azure-records");
  EXPECT_EQ(config->SchemaOptions(config->sites[0]).address, "localhost:7102");
  EXPECT_EQ(config->SchemaOptions(config->sites[0]).service_identity, "");
  EXPECT_EQ(config->SchemaOptions(config->sites[1]).site, "project");
}

struct BadConfig {
  const char* name;
  const char* replaced;
  const char* by;
  const char* want;  // after the file's name
};

TEST_F(ConfigTest, RefusesWithFileAndLine) {
  const BadConfig cases[] = {
      {"unknown field",
       "default_site:", "default_sight:", ":1:14: Message type \"bonnie.config.v1.ClientConfig\" has no field"},
      {"syntax", "name: \"azure\"", "name: azure", ":3:9: "},
      {"missing address", "  schema_address: \"localhost:7102\"\n", "",
       ": schema_address: '', want host:port (sites[0])"},
      {"bad address", "localhost:7102", "localhost", ":5:3: schema_address: 'localhost', want host:port (sites[0])"},
      {"bad name", "name: \"azure\"", "name: \"Azure\"", ":3:3: name: want 1 to 32 of a-z0-9-"},
      {"the name all", "name: \"azure\"", "name: \"all\"", ":3:3: name: want 1 to 32 of a-z0-9- and not 'all'"},
      {"name twice", "name: \"project\"", "name: \"azure\"", ":7:9: name: is there twice"},
      {"unknown default", "default_site: \"azure\"", "default_site: \"gcp\"",
       ":1:1: default_site: 'gcp', want one of azure, project"},
      {"no ca", "  ca_file: \"pki/ca.pem\"\n", "", ": ca_file: not set, want the path of a PEM file"},
      {"no identity", "spiffe://bonnie/azure-records", "azure-records",
       ":4:37: records_identity: must be the URI in the service's certificate"},
      {"both kinds", "tls {", "tls { insecure_loopback: true", ":9:3: ca_file: excludes insecure_loopback"},
  };
  for (const BadConfig& c : cases) {
    SCOPED_TRACE(c.name);
    const std::string text = absl::StrReplaceAll(kGood, {{c.replaced, c.by}});
    ASSERT_NE(text, kGood);
    const std::string file = Write("client.textproto", text);
    const absl::StatusOr<Config> config = LoadConfig(file);
    ASSERT_FALSE(config.ok());
    EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(config.status().message()), HasSubstr(absl::StrCat(file, c.want)));
  }
}

TEST_F(ConfigTest, PlaintextIsRefusedForOtherHosts) {
  const std::string file =
      Write("client.textproto",
            "sites { name: \"a\" schema_address: \"db.example.com:1\" }\ntls { insecure_loopback: true }\n");
  EXPECT_THAT(std::string(LoadConfig(file).status().message()),
              HasSubstr(":1:19: schema_address: 'db.example.com:1', want a loopback"));
}

TEST_F(ConfigTest, PlaintextHasNoIdentity) {
  const std::string file =
      Write("client.textproto",
            "sites { name: \"a\" schema_address: \"localhost:1\" schema_identity: \"spiffe://b/a\" }\n"
            "tls { insecure_loopback: true }\n");
  EXPECT_THAT(std::string(LoadConfig(file).status().message()),
              HasSubstr(":1:49: schema_identity: excludes insecure_loopback"));
}

TEST_F(ConfigTest, NamesAFileThatIsNotThere) {
  const absl::Status status = LoadConfig((folder_ / "none.textproto").string()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("none.textproto: No such file"));
}

TEST_F(ConfigTest, LooksForTheFileInTheDocumentedOrder) {
  ConfigSearch search{"flag", "environment", (folder_ / "home").string(), (folder_ / "work").string()};
  EXPECT_EQ(*FindConfig(search), "flag");
  search.flag = "";
  EXPECT_EQ(*FindConfig(search), "environment");
  search.environment = "";
  const std::string at_home = Write("home/.config/bonnie/client.textproto", "");
  EXPECT_EQ(*FindConfig(search), at_home);
  const std::string here = Write("work/.bonnie/client.textproto", "");
  EXPECT_EQ(*FindConfig(search), here);
}

TEST_F(ConfigTest, SaysWhereItLookedWhenThereIsNone) {
  if (std::filesystem::exists("/etc/bonnie/client.textproto")) GTEST_SKIP() << "this machine has one in /etc";
  const absl::Status status = FindConfig({"", "", (folder_ / "h").string(), (folder_ / "w").string()}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("h/.config/bonnie/client.textproto, /etc/bonnie/client.textproto"));
}

}  // namespace
}  // namespace bonnie::client
