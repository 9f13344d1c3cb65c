#ifndef BONNIE_SERVICES_DATA_ACCESS_MYSQL_DRIVER_H_
#define BONNIE_SERVICES_DATA_ACCESS_MYSQL_DRIVER_H_

#include <memory>
#include <string>

#include "services/data_access/driver.h"

namespace bonnie::data_access {

// A Driver for MySQL and MariaDB servers on MySQL Connector/C++ 1.1. Call it first from the main thread: the
// connector's own driver map is not synchronised.
std::unique_ptr<Driver> MakeMySqlDriver();

// Such as "MySQL Connector/C++ 1.1.12"; for logs. From the main thread first, likewise.
std::string DriverVersion();

}  // namespace bonnie::data_access

#endif  // BONNIE_SERVICES_DATA_ACCESS_MYSQL_DRIVER_H_
