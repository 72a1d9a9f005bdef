// The two guards between C++ and the server; nothing else crosses.
//
//   pg::call(lambda)   C++ calls the server. The lambda's frames hold plain data only; a server
//                      error (longjmp) becomes a C++ Error with all its fields.
//   pg::enter(lambda)  The server calls C++. No exception leaves; it becomes a server error after
//                      the catch block has been left, so that no exception object leaks.
//
// Catching is not recovering: whoever swallows an Error needs a Subtransaction (pg/session.hpp).
#pragma once

#include "pg/error.hpp"

namespace strata::pg {

template <class Body>
auto call(Body&& body) -> std::invoke_result_t<Body> {
  using Result = std::invoke_result_t<Body>;
  static_assert(std::is_void_v<Result> || std::is_trivially_destructible_v<Result>,
                "a longjmp skips destructors: return plain data from pg::call");
  MemoryContext const context = CurrentMemoryContext;
  sigjmp_buf* const stack = PG_exception_stack;
  ErrorContextCallback* const callbacks = error_context_stack;
  sigjmp_buf here;
  // 0: the signal mask is not saved, as in PG_TRY; saving it costs a system call each time.
  if (sigsetjmp(here, 0) == 0) {
    PG_exception_stack = &here;
    if constexpr (std::is_void_v<Result>) {
      body();
      PG_exception_stack = stack;
      error_context_stack = callbacks;
      return;
    } else {
      Result result = body();
      PG_exception_stack = stack;
      error_context_stack = callbacks;
      return result;
    }
  }
  PG_exception_stack = stack;
  error_context_stack = callbacks;
  MemoryContextSwitchTo(error_memory());
  ErrorData* const data = CopyErrorData();
  FlushErrorState();
  MemoryContextSwitchTo(context);
  throw Error(data);
}

template <class Body>
auto enter(Body&& body) -> std::invoke_result_t<Body> {
  // Error is trivially destructible, so the optional may be jumped over.
  static_assert(std::is_trivially_destructible_v<Error>);
  std::optional<Error> failure;
  MemoryContext const context = CurrentMemoryContext;
  try {
    return body();
  } catch (const Error& error) {
    failure = error;
  } catch (const std::bad_alloc&) {
    failure = Error(ERRCODE_OUT_OF_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    failure = Error(ERRCODE_INTERNAL_ERROR, error.what());
  }
  MemoryContextSwitchTo(context);
  failure->raise();
}

}  // namespace strata::pg
