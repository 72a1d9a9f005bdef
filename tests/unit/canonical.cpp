// Canonical bytes: unambiguous, and the same on every machine.
#include "model/canonical.hpp"

#include <gtest/gtest.h>

using namespace strata::model;

TEST(Canonical, PartsKeepTheirEnds) {
  std::string one, other;
  append_part(one, "ab");
  append_part(one, "c");
  append_part(other, "a");
  append_part(other, "bc");
  EXPECT_EQ(one, "2:ab1:c");
  EXPECT_NE(one, other);
  std::string zero;
  append_part(zero, "");
  append_part(zero, int64_t{-12});
  EXPECT_EQ(zero, "0:3:-12");
}

TEST(Canonical, Entry) {
  ChainEntry entry;
  entry.seq = 7;
  entry.kind = entry.source = "change";
  entry.ref = 12;
  entry.at = 0;
  entry.system_identifier = 7000000000000000001;
  entry.timeline = 1;
  entry.digest.fill('d');
  entry.prev_hash.fill('p');
  std::string bytes;
  leaf_bytes(bytes, entry);
  EXPECT_EQ(bytes, std::string(1, '\0') +
                       "17:pg_strata.entry.11:76:change6:change2:1227:2000-01-01T00:00:00.000000Z"
                       "19:70000000000000000011:1" +
                       std::string(32, 'd') + std::string(32, 'p'));
}

TEST(Canonical, Times) {
  EXPECT_EQ(iso_time(0), "2000-01-01T00:00:00.000000Z");
  EXPECT_EQ(iso_time(-1), "1999-12-31T23:59:59.999999Z");
  EXPECT_EQ(iso_time(int64_t{59 * 86400} * 1000000), "2000-02-29T00:00:00.000000Z");
  EXPECT_EQ(iso_time(int64_t{86400} * 1000000 * 9836 + 123), "2026-12-06T00:00:00.000123Z");
  EXPECT_EQ(iso_time(INT64_MAX), "infinity");
  EXPECT_EQ(iso_interval(0, 0, 1500000), "P0M0DT1.500000S");
  EXPECT_EQ(iso_interval(-1, 2, -3), "P-1M2DT-0.000003S");
}
