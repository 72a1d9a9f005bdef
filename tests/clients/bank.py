"""What the pgbench clients share: starting pgbench on a schema or a version, and looking at the server meanwhile."""
import os
import re
import subprocess
import time

from recorder import Stop, query


def pgbench(database, *arguments, search_path=None, role=None, variables=None):
    options = (f"-c search_path={search_path}" if search_path else "") + (f" -c role={role}" if role else "")
    return subprocess.Popen([os.path.join(os.environ["PG_BINDIR"], "pgbench"), *arguments, database], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=os.environ["BUILD_DIR"],
                            env={**os.environ, **({"PGOPTIONS": options} if options else {}),
                                                              **(variables or {})})


def initialize(report, connection, database, scale=1):
    """pgbench's own tables, in schema bank."""
    query(connection, "CREATE SCHEMA bank")
    query(connection, f"ALTER DATABASE {database} SET search_path = bank")
    bench = pgbench(database, "-i", "-q", "-s", str(scale), search_path="bank")
    errors = bench.communicate()[1]
    if not report.check(bench.returncode == 0, "pgbench -i in schema bank", errors):
        raise Stop


def deadlocks(connection):
    return int(query(connection, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[0][0])


def wait_for_clients(connection, bench, clients):
    for _ in range(100):
        count, = query(connection, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench' "
                       "AND datname = current_database()")[0]
        if int(count) >= clients or bench.poll() is not None:
            return
        time.sleep(0.05)


def check_result(report, name, bench, output, errors):
    """Exit status, failed transactions and complaints of a finished run; returns the transactions it counted."""
    failed = re.search(r"number of failed transactions: (\d+)", output)
    done = re.search(r"number of transactions actually processed: (\d+)", output)
    rate = re.search(r"tps = ([\d.]+)", output)
    done = int(done[1]) if done else 0
    report.check(bench.returncode == 0, f"{name}: pgbench exits with 0", errors or output)
    report.check(failed and failed[1] == "0" and done > 0,
                 f"{name}: 0 of {done} transactions failed ({rate[1] if rate else '?'} per second)", output)
    complaints = [line for line in errors.splitlines() if re.search(r"error|fatal|panic|abort", line, re.I)]
    report.check(not complaints, f"{name}: no error line from pgbench", complaints)
    return done
