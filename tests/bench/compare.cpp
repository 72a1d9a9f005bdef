// Times the same work on several servers in turn, in small batches, so that whatever else the
// machine does meets all of them alike. script/bench calls it, once for each row of its table.
//
//   compare ROUNDS BATCH simple|prepared [CONNINFO SCRIPT]...
//
// A script has one statement a line; the time of lines that begin with "-" is not counted, and the
// line "\\c" connects anew. A round runs the script BATCH times on each server, one server after
// the other. Prints one line a server: the median time of a counted statement in microseconds, and
// the median, the lower and the upper quartile over the rounds of what it took more than on the
// first server.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <libpq-fe.h>

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kReconnect = "\\c";

struct Statement {
  std::string sql;
  bool counted;
};

std::vector<Statement> parse(const std::string& script) {
  std::vector<Statement> out;
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    const bool counted = line.front() != '-';
    out.push_back({counted ? line : line.substr(1), counted});
  }
  return out;
}

// Returns the value below which the fraction of the samples lies.
double quantile(std::vector<double> samples, double fraction) {
  const auto at = static_cast<size_t>(fraction * static_cast<double>(samples.size() - 1) + 0.5);
  std::nth_element(samples.begin(), samples.begin() + static_cast<long>(at), samples.end());
  return samples[at];
}

double median(const std::vector<double>& samples) {
  return quantile(samples, 0.5);
}

// One connection, its script, and how long its statements took.
class Side {
 public:
  Side(const char* conninfo, const char* script, bool prepared)
      : connection_(PQconnectdb(conninfo), PQfinish),
        statements_(parse(script)),
        prepared_(prepared) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail("connect");
    quieten();
    for (size_t i = 0; prepared_ && i < statements_.size(); i++)
      check(PQprepare(connection_.get(), std::to_string(i).c_str(), statements_[i].sql.c_str(), 0,
                      nullptr),
            statements_[i].sql);
  }

  // Runs the script a number of times and returns the median time of a counted statement.
  double batch(int times) {
    std::vector<double> samples;
    for (int i = 0; i < times; i++)
      for (size_t s = 0; s < statements_.size(); s++) {
        if (statements_[s].sql == kReconnect) {
          PQreset(connection_.get());
          quieten();
          continue;
        }
        const auto begin = Clock::now();
        prepared_ ? run_prepared(s) : run(statements_[s].sql);
        const std::chrono::duration<double, std::micro> took = Clock::now() - begin;
        if (statements_[s].counted) samples.push_back(took.count());
      }
    return median(samples);
  }

 private:
  void quieten() { run("SET client_min_messages = warning"); }

  void run(const std::string& sql) { check(PQexec(connection_.get(), sql.c_str()), sql); }

  void run_prepared(size_t i) {
    check(PQexecPrepared(connection_.get(), std::to_string(i).c_str(), 0, nullptr, nullptr, nullptr,
                         0),
          statements_[i].sql);
  }

  void check(PGresult* result, const std::string& sql) {
    const ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail(sql);
  }

  [[noreturn]] void fail(const std::string& what) {
    fprintf(stderr, "%s: %s", what.c_str(), PQerrorMessage(connection_.get()));
    exit(1);
  }

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::vector<Statement> statements_;
  bool prepared_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6 || argc % 2 != 0) {
    fprintf(stderr, "usage: compare ROUNDS BATCH simple|prepared [CONNINFO SCRIPT]...\n");
    return 2;
  }
  const int rounds = atoi(argv[1]);
  const int times = atoi(argv[2]);
  const bool prepared = std::string(argv[3]) == "prepared";
  std::vector<Side> sides;
  for (int i = 4; i + 1 < argc; i += 2)
    sides.emplace_back(argv[i], argv[i + 1], prepared);

  std::vector<std::vector<double>> took(sides.size());
  std::vector<std::vector<double>> more(sides.size());
  for (int round = -1; round < rounds; round++)
    for (size_t i = 0; i < sides.size(); i++) {
      const double time = sides[i].batch(times);
      if (round < 0) continue;  // fills the caches
      took[i].push_back(time);
      more[i].push_back(time - took[0].back());
    }
  for (size_t i = 0; i < sides.size(); i++)
    printf("%.2f %.2f %.2f %.2f\n", median(took[i]), median(more[i]), quantile(more[i], 0.25),
           quantile(more[i], 0.75));
}
