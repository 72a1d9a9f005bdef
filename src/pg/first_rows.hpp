// Queries that are not ours, of which nobody knows how many rows they have.
#pragma once

#include "pg/spi.hpp"

namespace strata::pg {

// As Spi::query_now, but the query ends after `most` rows.
std::vector<SqlRow> first_rows_now(Spi& spi, const std::string& sql, long most);

}  // namespace strata::pg
