// Times the same work on several servers in turn, in small batches, so that whatever else the
// machine does meets all of them alike. script/bench calls it, once for each row of its table.
//
//   compare ROUNDS BATCH simple|prepared [CONNINFO SCRIPT]...
//
// A script has one statement a line; the time of lines that begin with "-" is not counted, and the
// line "\c" connects anew; "\c+" too, and what that takes counts with the next statement. A tab
// comes before each parameter ($1, ...); in the simple protocol they are put into the text. A round
// runs the script BATCH times on each server, one server after the other. Prints one line a server,
// all in microseconds a counted statement:
//   - the median time, as the client sees it;
//   - the median, the lower and the upper quartile of what that is more than on the first server;
//   - the median of the processor time that the server process used more than on the first server,
//     which other programs do not disturb (Linux tells; 0 elsewhere).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <fcntl.h>
#include <libpq-fe.h>
#include <unistd.h>

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kReconnect = "\\c";
constexpr const char* kCountedReconnect = "\\c+";

struct Statement {
  std::string sql;  // with $1, $2, ...
  std::vector<std::string> values;
  std::string text;  // with the values in their places
  bool counted;
};

std::string put_in(std::string text, const std::vector<std::string>& values) {
  for (size_t i = values.size(); i > 0; i--) {
    const std::string place = "$" + std::to_string(i);
    for (size_t at = text.find(place); at != std::string::npos; at = text.find(place))
      text.replace(at, place.size(), "'" + values[i - 1] + "'");
  }
  return text;
}

std::vector<Statement> parse(const std::string& script) {
  std::vector<Statement> out;
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    const bool counted = line.front() != '-';
    std::istringstream fields(counted ? line : line.substr(1));
    Statement statement{"", {}, "", counted};
    std::getline(fields, statement.sql, '\t');
    for (std::string value; std::getline(fields, value, '\t');)
      statement.values.push_back(value);
    statement.text = put_in(statement.sql, statement.values);
    out.push_back(statement);
  }
  return out;
}

// Returns the value below which the fraction of the samples lies.
double quantile(std::vector<double> samples, double fraction) {
  const auto at = static_cast<size_t>(fraction * static_cast<double>(samples.size() - 1) + 0.5);
  std::nth_element(samples.begin(), samples.begin() + static_cast<long>(at), samples.end());
  return samples[at];
}

double median(std::vector<double> samples) {
  return quantile(std::move(samples), 0.5);
}

// The processor time of a process so far. The first number of schedstat is that, in nanoseconds.
class ProcessorTime {
 public:
  explicit ProcessorTime(int pid)
      : file_(open(("/proc/" + std::to_string(pid) + "/schedstat").c_str(), O_RDONLY)) {}
  ~ProcessorTime() {
    if (file_ >= 0) close(file_);
  }
  ProcessorTime(const ProcessorTime&) = delete;
  ProcessorTime& operator=(const ProcessorTime&) = delete;

  double microseconds() const {
    char text[64] = "";
    if (file_ < 0 || pread(file_, text, sizeof(text) - 1, 0) <= 0) return 0;
    return atof(text) / 1000;
  }

 private:
  int file_;
};

// What a counted statement took.
struct Cost {
  double elapsed;
  double processor;
};

// One connection, its script, and how long its statements take.
class Side {
 public:
  Side(const char* conninfo, const char* script, bool prepared)
      : connection_(PQconnectdb(conninfo), PQfinish),
        statements_(parse(script)),
        prepared_(prepared) {
    greet();
    for (size_t i = 0; prepared_ && i < statements_.size(); i++)
      check(PQprepare(connection_.get(), std::to_string(i).c_str(), statements_[i].sql.c_str(), 0,
                      nullptr),
            statements_[i].sql);
  }

  // Runs the script a number of times and returns the cost of a counted statement: the median of
  // the elapsed times, the mean of the processor times.
  Cost batch(int times) {
    std::vector<double> elapsed;
    double processor = 0;
    bool connecting = false;
    auto begin = Clock::now();
    for (int i = 0; i < times; i++)
      for (size_t s = 0; s < statements_.size(); s++) {
        const bool counted = statements_[s].sql == kCountedReconnect;
        if (counted) begin = Clock::now();
        connecting = connecting || counted;
        if (counted || statements_[s].sql == kReconnect) {
          PQreset(connection_.get());
          greet();
          continue;
        }
        const double before = connecting ? 0 : process_->microseconds();
        if (!connecting) begin = Clock::now();
        connecting = false;
        prepared_ ? run_prepared(s) : run(statements_[s].text);
        const std::chrono::duration<double, std::micro> took = Clock::now() - begin;
        if (!statements_[s].counted) continue;
        elapsed.push_back(took.count());
        processor += process_->microseconds() - before;
      }
    const auto count = static_cast<double>(elapsed.size());
    return {median(std::move(elapsed)), processor / count};
  }

 private:
  void greet() {
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail("connect");
    process_ = std::make_unique<ProcessorTime>(PQbackendPID(connection_.get()));
    run("SET client_min_messages = warning");
  }

  void run(const std::string& sql) { check(PQexec(connection_.get(), sql.c_str()), sql); }

  void run_prepared(size_t i) {
    std::vector<const char*> values;
    for (const std::string& value : statements_[i].values)
      values.push_back(value.c_str());
    check(PQexecPrepared(connection_.get(), std::to_string(i).c_str(),
                         static_cast<int>(values.size()), values.data(), nullptr, nullptr, 0),
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
  std::unique_ptr<ProcessorTime> process_;
  std::vector<Statement> statements_;
  bool prepared_;
};

// What the rounds cost on one side, and what they cost more than on the first side.
struct Samples {
  std::vector<double> elapsed;
  std::vector<double> more_elapsed;
  std::vector<double> more_processor;
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

  std::vector<Samples> samples(sides.size());
  for (int round = -1; round < rounds; round++) {
    // Each side comes first, second, third as often as the others.
    std::vector<Cost> costs(sides.size());
    for (size_t i = 0; i < sides.size(); i++) {
      const size_t turn = (i + static_cast<size_t>(round + 1)) % sides.size();
      costs[turn] = sides[turn].batch(times);
    }
    if (round < 0) continue;  // fills the caches
    for (size_t i = 0; i < sides.size(); i++) {
      samples[i].elapsed.push_back(costs[i].elapsed);
      samples[i].more_elapsed.push_back(costs[i].elapsed - costs[0].elapsed);
      samples[i].more_processor.push_back(costs[i].processor - costs[0].processor);
    }
  }
  for (const Samples& side : samples)
    printf("%.2f %.2f %.2f %.2f %.2f\n", median(side.elapsed), median(side.more_elapsed),
           quantile(side.more_elapsed, 0.25), quantile(side.more_elapsed, 0.75),
           median(side.more_processor));
}
