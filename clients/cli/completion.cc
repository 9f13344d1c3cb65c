#include "clients/cli/completion.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "absl/strings/str_cat.h"
#include "clients/cli/context.h"

namespace bonnie::cli {
namespace {

// The words after `path`: `all` of the subcommands and options of `app`, and the options of those above it.
void AddCase(const CLI::App& app, const std::string& path, const std::string& options_above, std::string& script) {
  std::string options = options_above;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) absl::StrAppend(&options, " --", name);
  }
  std::string words;
  for (const CLI::App* command : app.get_subcommands({})) absl::StrAppend(&words, " ", command->get_name());
  absl::StrAppend(&script, "    '", path, "') words='", words, options, "' ;;\n");
  for (const CLI::App* command : app.get_subcommands({})) {
    AddCase(*command, absl::StrCat(path, path.empty() ? "" : " ", command->get_name()), options, script);
  }
}

}  // namespace

std::string BashCompletion(const CLI::App& app) {
  std::string cases;
  AddCase(app, "", "", cases);
  return absl::StrCat(R"sh(# Completes `bonnie` in bash: source this file, or put it into /etc/bash_completion.d/.
_bonnie() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} path='' word words='' skip=0 i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((skip)); then skip=0; continue; fi
    case $word in
      --site | --config | --output | --timeout) skip=1 ;;
      -*) ;;
      *) [[ $path == *' '* ]] || path=${path:+$path }$word ;;
    esac
  done
  case $previous in
    --site) COMPREPLY=($(compgen -W "all $(_bonnie_sites)" -- "$current")); return ;;
    --output) COMPREPLY=($(compgen -W 'table json csv' -- "$current")); return ;;
    --config) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case $path in
)sh",
                      cases, R"sh(  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if ((${#COMPREPLY[@]} == 0)); then COMPREPLY=($(compgen -f -- "$current")); fi
}
_bonnie_sites() {
  local file
  for file in "$BONNIE_CONFIG" .bonnie/client.textproto ~/.config/bonnie/client.textproto /etc/bonnie/client.textproto; do
    [[ -r $file ]] || continue
    sed -n 's/.*\<name *: *"\([a-z0-9-]*\)".*/\1/p' "$file"
    return
  done
}
complete -F _bonnie bonnie
)sh");
}

void AddCompletionCommand(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("completion", "Completion of commands for a shell");
  group->require_subcommand(1);
  CLI::App* bash = group->add_subcommand("bash", "Print the script for bash");
  bash->footer("\nExample:\n  source <(bonnie completion bash)");
  bash->callback([&app, &context] { context.console().out << BashCompletion(app); });
}

}  // namespace bonnie::cli
