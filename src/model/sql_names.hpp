// Names in SQL text. Plain C++, no server.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::model {

// Returns the names an expression may mean columns by: identifiers as the server reads them (folded
// unless quoted), but none that are called as functions or follow "::", and nothing from literals
// and comments. Key words are among them.
std::set<std::string> column_names_in(std::string_view expression);

// Returns what an identifier names: shop and "shop" are shop. A text that is no quoted identifier
// is returned as it is.
std::string unquoted(std::string_view identifier);

// Returns schemas and names of a list like shop.users, "My shop".t; what is not of that form is
// left out.
std::vector<std::pair<std::string, std::string>> qualified_names(std::string_view list);

}  // namespace strata::model
