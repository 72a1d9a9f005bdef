// Owns: masking inside JSON text (see mask.hpp): where its strings are, and what each one is.
#include "model/json.hpp"
#include "model/json_value.hpp"
#include "model/mask.hpp"
#include "model/secret_text.hpp"

namespace strata::model {
namespace {

struct Quoted {
  size_t end;      // the position after the closing quote
  bool has_value;  // maybe: nearly all strings are names, and have none of these characters
};

// Looks at the string whose opening quote is at `open`.
Quoted look(std::string_view json, size_t open) {
  bool has_value = false;
  for (size_t i = open + 1; i < json.size(); i++) {
    switch (json[i]) {
      case '"':
        return {i + 1, has_value};
      case '\\':
        i++;
        has_value = true;
        break;
      case '\'':
      case '$':
      case '=':
      case ':':
        has_value = true;
        break;
      default:
        break;
    }
  }
  return {json.size(), has_value};
}

// Whether what follows is an item of an array: no name of a member is in front.
bool is_item(std::string_view before) {
  const size_t last = before.find_last_not_of(" \t\r\n");
  return last != before.npos && before[last] != ':';
}

std::string masked_option(const std::string& option) {
  const size_t sign = option.find('=');
  if (sign == std::string::npos) return option;
  const std::string_view all = option;
  if (!is_secret_word(all.substr(0, sign)) && !has_secret(all.substr(sign + 1))) return option;
  return option.substr(0, sign + 1) + "***";
}

std::string masked(std::string_view member, const std::string& text) {
  if (member.ends_with("options")) return masked_option(text);
  // Plain text: apostrophes in it quote nothing.
  if (member == "comment" || member == "initial") return has_secret(text) ? "***" : text;
  return mask_body(text);
}

}  // namespace

std::string mask_in_definition(std::string_view json) {
  std::string out;
  std::string_view member;
  size_t done = 0;
  for (size_t open = json.find('"'); open != json.npos; open = json.find('"', open)) {
    const size_t begin = open;
    const Quoted found = look(json, begin);
    open = found.end;
    const std::string_view quoted = json.substr(begin, open - begin);
    const size_t next = json.find_first_not_of(" \t\r\n", open);
    if (next != json.npos && json[next] == ':') {
      member = quoted.substr(1, quoted.size() - 2);
      continue;
    }
    // Roles may be named like secrets, and aclitems have =.
    if (member == "acl" && is_item(json.substr(0, begin))) continue;
    if (!found.has_value) continue;
    const auto value = read_json(quoted);
    if (!value) continue;
    const std::string said = value->string();
    const std::string text = masked(member, said);
    if (text == said) continue;
    out += json.substr(done, begin - done);
    out += json_string(text);
    done = open;
  }
  out += json.substr(done);
  return out;
}

}  // namespace strata::model
