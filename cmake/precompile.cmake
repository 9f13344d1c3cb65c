# Headers of the standard library and of other projects, parsed once for a whole build. A build that compiles each file
# alone spends most of its time on them. Bonnie's own headers are not included: a file that forgets to
# include one must still fail to compile.

# Every target of this directory and of those below it.
function(bonnie_targets_below directory result)
  get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
  get_property(folders DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
  foreach(folder IN LISTS folders)
    bonnie_targets_below(${folder} below)
    list(APPEND targets ${below})
  endforeach()
  set(${result} ${targets} PARENT_SCOPE)
endfunction()

# Makes a target whose precompiled headers others may take. They are compiled with the macros of `libraries`, so each user
# must link these too.
function(bonnie_add_precompiled name headers libraries)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${name}.cc CONTENT "" @ONLY)
  add_library(${name} OBJECT ${PROJECT_BINARY_DIR}/${name}.cc)
  target_precompile_headers(${name} PRIVATE ${headers})
  target_link_libraries(${name} PRIVATE ${libraries})
endfunction()

# To be called after all targets were added.
function(bonnie_precompile_headers)
  set(headers
    <algorithm> <functional> <map> <memory> <set> <string> <thread> <utility> <vector>
    <absl/algorithm/container.h> <absl/functional/function_ref.h> <absl/status/statusor.h> <absl/strings/str_cat.h>
    <absl/strings/str_join.h> <absl/strings/str_split.h> <absl/synchronization/mutex.h> <absl/time/clock.h>)
  find_package(GTest REQUIRED)
  bonnie_targets_below(${PROJECT_SOURCE_DIR} targets)
  bonnie_add_precompiled(bonnie_precompiled "${headers}" absl::strings)
  bonnie_add_precompiled(bonnie_precompiled_tests "${headers};<gmock/gmock.h>;<gtest/gtest.h>" GTest::gmock)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    get_target_property(is_pic ${target} POSITION_INDEPENDENT_CODE)  # set on generated code, which has other options
    get_target_property(libraries ${target} LINK_LIBRARIES)
    if(NOT type MATCHES "^(STATIC_LIBRARY|OBJECT_LIBRARY|EXECUTABLE)$" OR is_pic)
      continue()
    endif()
    if("GTest::gmock_main" IN_LIST libraries)
      target_precompile_headers(${target} REUSE_FROM bonnie_precompiled_tests)
    else()
      target_precompile_headers(${target} REUSE_FROM bonnie_precompiled)
    endif()
  endforeach()
endfunction()
