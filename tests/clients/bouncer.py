"""A pgbouncer of one's own: for the clients that go through one."""
import os
import random
import secrets
import shutil
import socket
import subprocess
import time

from recorder import Stop

POOL = 3


def program():
    return shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin") or "pgbouncer"


def free_port():
    """Below what the kernel takes for outgoing connections, which the clients make many of."""
    while True:
        with socket.socket() as free:
            port = random.randrange(20000, 32000)
            try:
                free.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Bouncer:
    """A pgbouncer of our own, on a free port, with its files under BUILD_DIR."""

    def __init__(self, report, roles, databases=()):
        self.place = os.path.join(os.environ["BUILD_DIR"], "pgbouncer")
        os.makedirs(self.place, mode=0o700, exist_ok=True)
        os.environ.setdefault("PGPASSWORD", secrets.token_hex(12))
        self.port = free_port()
        self.variables = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port)}
        self.write("userlist.txt", "".join(f'"{role}" "{os.environ["PGPASSWORD"]}"\n' for role in roles))
        self.write("pgbouncer.ini", f"""
            [databases]
            {self.databases(databases)}
            * = host={os.environ["PGHOST"]} port={os.environ["PGPORT"]}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {self.port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {self.place}/userlist.txt
            pool_mode = transaction
            default_pool_size = {POOL}
            max_client_conn = 60
            logfile = {self.place}/log
            """.replace("            ", ""))
        open(os.path.join(self.place, "log"), "w", encoding="utf-8").close()
        self.process = subprocess.Popen([program(), "-q", os.path.join(self.place, "pgbouncer.ini")])
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        report.check(False, "pgbouncer starts", self.log())
        raise Stop

    @staticmethod
    def databases(databases):
        """Lines for databases with settings of their own, given as (name there, name here, settings)."""
        return "\n".join(f'{name} = host={os.environ["PGHOST"]} port={os.environ["PGPORT"]} dbname={database} {settings}'
                         for name, database, settings in databases)

    def write(self, name, text):
        with open(os.path.join(self.place, name), "w", encoding="utf-8") as file:
            file.write(text)

    def log(self):
        with open(os.path.join(self.place, "log"), encoding="utf-8") as file:
            return file.read()[-2000:]

    def close(self):
        self.process.terminate()
        self.process.wait(20)
