// Owns: the error context of mapping expressions (see mapping_text.hpp).
#include "pg/mapping_text.hpp"

namespace strata::pg::raw {

void MappingText::push() {
  callback.arg = this;
  callback.callback = [](void* arg) {
    auto* self = static_cast<MappingText*>(arg);
    int position = geterrposition();
    if (position > 0) {
      errposition(0);
      internalerrposition(position);
      internalerrquery(self->text);
    }
    errcontext("%s", self->what);
  };
  callback.previous = error_context_stack;
  error_context_stack = &callback;
}

void MappingText::pop() const {
  error_context_stack = callback.previous;
}

}  // namespace strata::pg::raw
