// What approvals are bound to.
#pragma once

#include "guard/canonical.hpp"

namespace strata::guard {

// One statement of a proposal, as it is digested and stored.
struct Proposed {
  int32_t number = 0;
  std::string command;
  std::string text;
  std::string search_path;
  bool path_bound = false;
  std::vector<std::string> names;
  std::string fingerprint;  // of the shape it was proposed for
};

// Returns the SHA-256, in hexadecimal, of the text that others read, of its statements, of what
// their names mean and of the shape of what they touch. Any edit makes another one.
std::string digest(const std::string& base, const std::string& ddl,
                   const std::vector<Proposed>& statements);

// Returns the SHA-256, in hexadecimal, of the shape of what a statement touches: columns, types,
// NOT NULL, defaults, constraints, indexes, triggers and policies of its relations, the definition
// of other objects, and with CASCADE everything that would go along. Reads catalogs with the rights
// of the current user, who is to be the owner of the extension.
class Shapes {
 public:
  std::string fingerprint(const Canonical& statement);

 private:
  const std::string& of_relation(Oid relation);

  std::map<Oid, std::string> relations_;  // many statements name the same one
};

}  // namespace strata::guard
