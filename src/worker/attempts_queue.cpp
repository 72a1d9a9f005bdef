// The SQL function strata.attempts_queue(): what is in the shared queue now.
#include "pg/function.hpp"
#include "pg/shared_queue.hpp"

STRATA_FUNCTION(attempts_queue) {
  using strata::pg::call;
  const strata::pg::QueueState state = strata::pg::queue_state();
  const int here = strata::pg::waiting_attempts(MyDatabaseId);
  return call([&] {
    TupleDesc row = nullptr;
    if (get_call_result_type(args.info(), nullptr, &row) != TYPEFUNC_COMPOSITE)
      ereport(ERROR, (errmsg_internal("return type must be a row type")));
    Datum values[] = {Int32GetDatum(state.waiting), Int32GetDatum(here),
                      Int32GetDatum(state.capacity), Int64GetDatum(static_cast<int64>(state.lost))};
    bool nulls[] = {false, false, false, false};
    return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row), values, nulls));
  });
}
