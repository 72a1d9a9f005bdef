// Which columns of base relations the columns of versions are made of, followed through recorded
// changes in their order. Plain C++, no server.
//
// It knows what it was told, nothing else: of a version whose publishing it was not told of, it
// knows nothing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace strata::model {

// A relation of a base schema, as it was recorded.
struct BaseRelation {
  struct Column {
    std::string name;
    std::string type;
    std::string comment;
  };
  std::string schema;
  std::string name;
  std::map<int, Column> columns;  // by number
};

// A column of a version's relation.
struct VersionColumn {
  std::string name;
  std::string type;
  std::set<int> reads;     // columns of the base relation
  std::string expression;  // that makes it of them; empty: it is that column
};

struct VersionRelation {
  std::string base;
  std::string version;
  std::string schema;
  std::string name;
  uint32_t reads = 0;  // the base relation's number
  std::vector<VersionColumn> columns;
};

class ColumnLineage {
 public:
  // The relation, by its number: null, as far as is known there is none.
  const BaseRelation* relation(uint32_t oid) const;

  // The number of the relation of that name, 0: there is none.
  uint32_t named(const std::string& schema, const std::string& name) const;

  // The relation is like this before a change. What was known by its name under another number, as
  // before a restore, is this one.
  void was(uint32_t oid, const BaseRelation& relation);

  // The change of a transaction made the relation like this; no relation: it is gone. Versions
  // follow a name that one relation loses and another takes in the same transaction, and the name
  // of one that is gone.
  void becomes(int64_t transaction, uint32_t oid, const std::optional<BaseRelation>& relation);

  // A base schema got another name.
  void rename_base(const std::string& from, const std::string& to);

  // The base was published; returns what the version shows.
  std::vector<VersionRelation> publish(const std::string& base, const std::string& version,
                                       const std::string& schema);

  // Returns what the version showed.
  std::vector<VersionRelation> retire(const std::string& base, const std::string& version);

  // Versions read the expression in place of the column.
  void replace_column(uint32_t oid, const std::string& column, const std::string& expression);

  // A column of a version reads this from now on; `is_column`: it is that column, not an
  // expression.
  void reads(const std::string& base, const std::string& version, const std::string& name,
             const std::string& column, const std::string& expression, bool is_column);

  // Versions read another relation, by the names of its columns.
  void repoint(uint32_t from, uint32_t to);

  const std::vector<VersionRelation>& shown() const { return shown_; }

 private:
  struct Lost {
    uint32_t oid;
    std::optional<int64_t> transaction;  // in which it may be taken; none: any, because it is gone
  };

  std::map<uint32_t, BaseRelation> relations_;
  std::map<std::pair<std::string, std::string>, uint32_t> names_;
  std::map<std::pair<std::string, std::string>, Lost> lost_;  // of relations that versions show
  std::vector<VersionRelation> shown_;
};

}  // namespace strata::model
