// The one prelude every file with server types includes.
//
// Owns: the include order. C++ and fmt headers come first, postgres.h last and inside extern "C":
// after it, c.h and port.h redefine gettext, snprintf and others, and the C++ headers would no
// longer compile.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

extern "C" {
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "pg/compat.h"
#include "utils/builtins.h"
#include "utils/rel.h"
}
