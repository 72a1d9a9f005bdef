// Finding one definition in what a change recorded, without reading the others: a GRANT ON ALL
// TABLES has those of all tables. Plain C++, no server.
#pragma once

#include <cstdint>
#include <string_view>

namespace strata::model {

// `shapes` is a JSON object of definitions by kind and name, as the recorder writes it. What is
// returned is a part of it, and empty where there is no such definition.

// The definition of the object with that number. Objects of different catalogs may have the same
// number: relations come first.
std::string_view shape_by_number(std::string_view shapes, uint32_t number);

// The definition under that name ("table shop.users").
std::string_view shape_by_name(std::string_view shapes, std::string_view name);

}  // namespace strata::model
