"""Debian's prometheus and prometheus-postgres-exporter as processes of our own, on free ports, with their files under
BUILD_DIR. They are unpacked, not installed: their packages start services, and nothing of the system is to change.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from bouncer import free_port
from recorder import Stop

PACKAGES = ("prometheus", "prometheus-postgres-exporter")
CONFIGURATION = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "monitoring")
PATIENCE = 120


def unpack(report):
    """Returns the directory with the programs, downloaded by apt-get unless they are there."""
    place = os.path.join(os.environ["BUILD_DIR"], "debian")
    programs = os.path.join(place, "unpacked", "usr", "bin")
    if not all(os.access(os.path.join(programs, name), os.X_OK) for name in (*PACKAGES, "promtool")):
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        done = run(["apt-get", "-q", "-o", "Acquire::Retries=5", "download", *PACKAGES], place)
        for package in glob.glob(os.path.join(place, "*.deb")) if not done.returncode else ():
            done = run(["dpkg-deb", "-x", package, os.path.join(place, "unpacked")], place)
        if done.returncode or not os.path.exists(os.path.join(programs, "promtool")):
            report.check(False, "apt-get downloads " + ", ".join(PACKAGES), done.stdout)
            raise Stop
    report.check(True, "unpacked: " + ", ".join(PACKAGES))
    return programs


def run(command, place, text=None):
    return subprocess.run(command, cwd=place, input=text, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)


def fetch(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode("utf-8")


def wait_for(what):
    """Asks until the answer is true, and returns it; the last answer after PATIENCE seconds."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            found = what()
        except (OSError, urllib.error.URLError):
            found = None
        if found or time.monotonic() > until:
            return found
        time.sleep(0.3)


def text_of(name):
    with open(os.path.join(CONFIGURATION, name), encoding="utf-8") as file:
        return file.read()


def replaced(text, changes):
    """The text with patterns replaced, each at least once: what is tested has to be what is shipped."""
    for pattern, replacement in changes:
        text, count = re.subn(pattern, replacement, text)
        if not count:
            raise ValueError(f"there is no {pattern} in:\n{text}")
    return text


class Process:
    """One of the two, with its output in a file."""

    def __init__(self, report, name, command, variables=None):
        self.log_name = os.path.join(os.environ["BUILD_DIR"], f"{name}.log")
        with open(self.log_name, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=os.environ["BUILD_DIR"],
                                            env={**os.environ, **(variables or {})})
        if not wait_for(lambda: fetch(self.url) is not None):
            self.close()
            report.check(False, f"{name} starts", self.log())
            raise Stop

    def log(self):
        with open(self.log_name, encoding="utf-8") as file:
            return file.read()

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)


class Exporter(Process):
    """As monitoring/prometheus-postgres-exporter says, but for the address, the role and the databases."""

    def __init__(self, report, programs, role, databases):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/metrics"
        self.target = f"127.0.0.1:{port}"
        settings = dict(re.findall(r"^(\w+)='(.*)'$", text_of("prometheus-postgres-exporter"), re.M))
        source = replaced(settings["DATA_SOURCE_NAME"], [
            ("host=[^ ]+", f"host={os.environ['PGHOST']} port={os.environ['PGPORT']} password={os.environ['PGPASSWORD']}"),
            ("user=[^ ]+", f"user={role}"), ("dbname=[^ ]+", f"dbname={databases[0]}")])
        arguments = replaced(settings["ARGS"], [("databases=[^ ]+", "databases=" + ",".join(databases)),
                                                ("path=[^ ]+", "path=" + os.path.join(CONFIGURATION, "queries.yaml"))])
        super().__init__(report, "exporter", [os.path.join(programs, "prometheus-postgres-exporter"),
                                              f"--web.listen-address={self.target}", *arguments.split()],
                         {"DATA_SOURCE_NAME": source})

    def metrics(self):
        return fetch(self.url)


class Prometheus(Process):
    """With monitoring/prometheus.yml and alerts.yml, but for the target, the intervals and how long alerts wait."""

    def __init__(self, report, programs, target):
        place = os.path.join(os.environ["BUILD_DIR"], "prometheus")
        shutil.rmtree(place, ignore_errors=True)
        os.makedirs(place)
        self.write(place, "prometheus.yml", [(r"(scrape|evaluation)_interval: 15s", r"\1_interval: 1s"),
                                             (r"localhost:9187", target)])
        self.write(place, "alerts.yml", [(r"\bfor: \w+", "for: 0s")])
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/-/ready"
        self.base = f"http://127.0.0.1:{port}/api/v1/"
        super().__init__(report, "prometheus", [
            os.path.join(programs, "prometheus"), "--config.file=" + os.path.join(place, "prometheus.yml"),
            "--storage.tsdb.path=" + os.path.join(place, "data"), f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn"])

    @staticmethod
    def write(place, name, changes):
        with open(os.path.join(place, name), "w", encoding="utf-8") as file:
            file.write(replaced(text_of(name), changes))

    def ask(self, path, **arguments):
        return json.loads(fetch(self.base + path + ("?" + urllib.parse.urlencode(arguments) if arguments else "")))["data"]

    def value(self, expression):
        """The results of a query, as (labels, number)."""
        return [(one["metric"], float(one["value"][1])) for one in self.ask("query", query=expression)["result"]]

    def firing(self):
        """Names of alerts that fire -> the labels of each."""
        out = {}
        for alert in self.ask("alerts")["alerts"]:
            if alert["state"] == "firing":
                out.setdefault(alert["labels"]["alertname"], []).append({**alert["labels"], **alert["annotations"]})
        return out

    def evaluations(self):
        """When each group of rules was evaluated last, and what went wrong with rules."""
        groups = self.ask("rules")["groups"]
        wrong = [rule["lastError"] for group in groups for rule in group["rules"] if rule.get("lastError")]
        return [group["lastEvaluation"] for group in groups], wrong

    def wait_for_evaluations(self, count):
        for _ in range(count):
            before, _ = self.evaluations()
            wait_for(lambda: all(old != new for old, new in zip(before, self.evaluations()[0])))
