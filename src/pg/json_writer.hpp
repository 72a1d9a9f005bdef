// Writing JSON in palloc'd memory, for raise-kind functions that gather what they write from the
// catalogs. Elsewhere: model/json.hpp.
#pragma once

#include "pg/guard.hpp"

extern "C" {
#include "lib/stringinfo.h"
#include "utils/json.h"
}

namespace strata::pg::raw {

// Plain data, because a longjmp skips destructors. Members that are false, zero or null are left
// out: what is not there is not set.
class JsonWriter {
 public:
  void begin() { initStringInfo(&text_); }
  const char* text() const { return text_.data; }
  int length() const { return text_.len; }

  void open(char bracket) {
    separate();
    appendStringInfoChar(&text_, bracket);
    first_ = true;
  }
  void close(char bracket) {
    appendStringInfoChar(&text_, bracket);
    first_ = false;
  }
  void key(const char* name) {
    separate();
    escape_json(&text_, name);
    appendStringInfoChar(&text_, ':');
    first_ = true;
  }
  void value(const char* text) {
    separate();
    escape_json(&text_, text);
  }
  // What is JSON already.
  void json(const char* text, int length) {
    separate();
    appendBinaryStringInfo(&text_, text, length);
  }
  void member(const char* name, const char* text) {
    if (text == nullptr) return;
    key(name);
    value(text);
  }
  void member(const char* name, int64 number) {
    if (number == 0) return;
    key(name);
    separate();
    appendStringInfo(&text_, INT64_FORMAT, number);
  }
  void flag(const char* name, bool is_set) {
    if (!is_set) return;
    key(name);
    separate();
    appendStringInfoString(&text_, "true");
  }
  // A char that the catalogs use as a code; the blank and the usual one are left out.
  void code(const char* name, char code, char usual) {
    if (code == '\0' || code == ' ' || code == usual) return;
    const char text[] = {code, '\0'};
    member(name, text);
  }

 private:
  void separate() {
    if (!first_) appendStringInfoChar(&text_, ',');
    first_ = false;
  }

  StringInfoData text_;
  bool first_ = true;
};

}  // namespace strata::pg::raw
