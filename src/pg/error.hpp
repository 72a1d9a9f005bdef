// The one exception type of the extension, and the SQLSTATEs of class ST.
//
// Scope: a thrown Error points into memory of the transaction (error_memory), so that it outlives
// the rollback of a subtransaction it is caught behind; the entry guard (guard.hpp) turns it back
// into a server error before the transaction ends.
#pragma once

#include "pg/prelude.hpp"

namespace strata {

// SQLSTATEs of our own class, listed in docs/errors.md, and the few of PostgreSQL's that we raise.
namespace sqlstate {
constexpr int kRefusedByPolicy = MAKE_SQLSTATE('S', 'T', '0', '0', '1');
constexpr int kOutsideWindow = MAKE_SQLSTATE('S', 'T', '0', '0', '2');
constexpr int kNeedsApproval = MAKE_SQLSTATE('S', 'T', '0', '0', '3');
constexpr int kBreaksVersion = MAKE_SQLSTATE('S', 'T', '0', '0', '4');
constexpr int kVersionInUse = MAKE_SQLSTATE('S', 'T', '0', '0', '5');
constexpr int kMappingUnresolved = MAKE_SQLSTATE('S', 'T', '0', '0', '6');
constexpr int kAppendOnly = MAKE_SQLSTATE('S', 'T', '0', '0', '7');
constexpr int kLockDeadline = MAKE_SQLSTATE('S', 'T', '0', '0', '8');
constexpr int kContractViolation = MAKE_SQLSTATE('S', 'T', '0', '0', '9');
constexpr int kNotTracked = MAKE_SQLSTATE('S', 'T', '0', '1', '0');
}  // namespace sqlstate

// Returns the memory context errors are kept in: the transaction's, or the backend's outside one.
MemoryContext error_memory() noexcept;

// An error on its way to the client: either a server error with all its fields, or one of ours.
class Error {
 public:
  // Takes a copied ErrorData (CopyErrorData) that lives in a palloc'd context.
  explicit Error(ErrorData* server) noexcept : server_(server) {}

  // Takes our own error: message lower-case without a full stop, detail and hint full sentences.
  Error(int sqlstate, std::string_view message, std::string_view detail = {},
        std::string_view hint = {}) noexcept;

  // Returns the SQLSTATE, encoded as MAKE_SQLSTATE does.
  int sqlstate() const noexcept { return server_ ? server_->sqlerrcode : sqlstate_; }

  // Returns true when somebody or a timeout cancelled the statement: whoever swallows other errors
  // passes this one on.
  bool is_cancel() const noexcept { return sqlstate() == ERRCODE_QUERY_CANCELED; }

  // Returns the primary message; never null.
  const char* message() const noexcept;

  // Returns the detail, or an empty string.
  const char* detail() const noexcept;

  // Returns the hint, or an empty string.
  const char* hint() const noexcept;

  // Returns the server error; null for one of ours.
  const ErrorData* server() const noexcept { return server_; }

  // Fields of a server error that are said in other words; empty: as they are.
  struct Fields {
    std::string message, detail, hint, schema_name, table_name, column_name;
  };

  // Returns the server error with other fields. Raises nothing; what memory does not suffice for
  // stays as it is.
  Error with(const Fields& fields) const noexcept;

  // Raises the error through the server. Call it only after the catch block has been left.
  [[noreturn]] void raise() const;

 private:
  ErrorData* server_ = nullptr;
  int sqlstate_ = 0;
  const char* message_ = nullptr;
  const char* detail_ = nullptr;
  const char* hint_ = nullptr;
};

// Sends a NOTICE or WARNING to the client. Raises nothing but out-of-memory.
void notice(std::string_view message, std::string_view detail = {}, std::string_view hint = {});
void warning(std::string_view message, std::string_view detail = {}, std::string_view hint = {},
             int sqlstate = ERRCODE_WARNING);

}  // namespace strata
