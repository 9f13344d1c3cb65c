// Creates a patient on the default site and reads it back. Build: see ../../README.md.
#include <iostream>

#include "clients/cpp/config.h"
#include "clients/cpp/records_client.h"

int main() {
  namespace v1 = bonnie::records::v1;
  auto file = bonnie::client::FindConfig(bonnie::client::ConfigSearch::FromProcess(""));
  auto config = file.ok() ? bonnie::client::LoadConfig(*file) : file.status();
  if (!config.ok()) return std::cerr << config.status() << "\n", 1;
  const auto* site = config->FindSite(config->default_site);
  auto client = bonnie::client::RecordsClient::Connect(config->RecordsOptions(*site));
  if (!client.ok()) return std::cerr << client.status() << "\n", 1;

  v1::CreatePatientRequest request;
  request.mutable_patient()->set_first_name("Ada");
  request.mutable_patient()->set_last_name("Lovelace");
  request.mutable_patient()->mutable_date_of_birth()->set_year(1990);
  request.mutable_patient()->mutable_date_of_birth()->set_month(12);
  request.mutable_patient()->mutable_date_of_birth()->set_day(10);
  request.mutable_patient()->set_gender(v1::GENDER_FEMALE);
  auto created = client->CreatePatient(request);  // safe to retry: the library sends a request id
  if (!created.ok()) return std::cerr << created.status() << "\n", 1;
  std::cout << "created patient " << created->patient().id() << "\n";

  for (const auto& patient : client->Patients({})) {  // over all pages
    if (!patient.ok()) return std::cerr << patient.status() << "\n", 1;
    std::cout << patient->id() << " " << patient->first_name() << " " << patient->last_name() << "\n";
  }
}
