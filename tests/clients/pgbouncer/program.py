"""Eight clients of the library at the same time, each with a connection of its own and rows of its own, and one row
that all of them count on."""
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import psycopg2  # noqa: E402
from rounds import plain, serve, show  # noqa: E402

CLIENTS, SHARED = 8, 30


class Client:
    def __init__(self, number):
        self.number = number
        self.connection = psycopg2.connect("")
        self.lines = []

    def tell(self, label, value):
        self.lines.append((label, value))

    def run(self, sql, *arguments):
        """Rows, or the count of them, or the SQLSTATE."""
        with self.connection.cursor() as cursor:
            try:
                cursor.execute(sql, arguments or None)
            except psycopg2.Error as error:
                return error.pgcode
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def play(self, n):
        first = 100000 + self.number * 1000 + n * 20
        mail = f"client{self.number}.{n}@example.com"
        self.connection.autocommit = True
        self.tell("path", self.run("SHOW search_path"))
        self.tell("insert", self.run(
            "INSERT INTO members (id, name, email) VALUES (%s, %s, %s), (%s, 'Cher', %s) RETURNING *",
            first, f"Ann Client{self.number}", mail, first + 1, "c" + mail))
        for _ in range(5):
            self.run("UPDATE members SET points = points + 1, version_id = version_id + %s WHERE id = %s", self.number, SHARED)
        self.connection.autocommit = False
        self.tell("loans", self.run(
            "INSERT INTO loans (id, member_id, book_id, fine) SELECT %s + i, %s, i, i * 0.35 FROM generate_series(1, 5) i "
            "RETURNING id, fine", first, first))
        self.tell("name", self.run("UPDATE members SET name = name || 's', active = NOT active WHERE id = %s "
                                   "RETURNING name, active", first))
        self.run("SAVEPOINT before")
        self.tell("duplicate", self.run("INSERT INTO members (id, name, email) VALUES (%s, 'Bad Twin', %s)", first + 2, mail))
        self.run("ROLLBACK TO before")
        self.tell("fine", self.run("UPDATE loans l SET fine = l.fine + m.level, state = 'late' FROM members m "
                                   "WHERE m.id = l.member_id AND m.email = %s RETURNING l.id, l.fine", mail))
        self.run("UPDATE members SET points = points + 1 WHERE id = %s", SHARED)
        self.connection.commit()
        self.run("UPDATE members SET name = 'Rolled Back' WHERE id = %s", first)
        self.connection.rollback()
        self.tell("upsert", self.run(
            "INSERT INTO members AS m (id, name, email, points) VALUES (%s, 'Up Sert', %s, 7) ON CONFLICT (email) "
            "DO UPDATE SET name = excluded.name || m.level, points = m.points + excluded.points RETURNING id, name, points",
            first + 3, mail))
        self.tell("upsert of all", self.run(
            "INSERT INTO members AS m (id, name, email) VALUES (%s, 'Any Body', 'anybody@example.com') "
            "ON CONFLICT (email) DO UPDATE SET points = m.points + 2 RETURNING name", 99999))
        self.connection.commit()
        self.tell("delete", self.run("DELETE FROM loans WHERE member_id = %s AND fine > 2 RETURNING id, fine, state", first))
        self.tell("select", self.run("SELECT m.name, m.points, sum(l.fine) FROM members m JOIN loans l ON l.member_id = m.id "
                                     "WHERE m.id = %s GROUP BY m.id, m.name, m.points", first))
        self.connection.commit()


CLIENTS_OF_ALL = [Client(number) for number in range(1, CLIENTS + 1)]


def play(n):
    # ON CONFLICT knows one of the two keys: who inserts the row at the same time as another may meet the other key (23505).
    CLIENTS_OF_ALL[0].run("INSERT INTO members (id, name, email) VALUES (99999, 'Any Body', 'anybody@example.com') ON CONFLICT DO NOTHING")
    CLIENTS_OF_ALL[0].connection.commit()
    threads = [threading.Thread(target=client.play, args=(n,)) for client in CLIENTS_OF_ALL]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for client in CLIENTS_OF_ALL:
        for label, value in client.lines:
            print(f"client {client.number} {label}: {plain(sorted(value) if isinstance(value, list) else value)}")
        client.lines.clear()
    show("counted by all", CLIENTS_OF_ALL[0].run("SELECT points, version_id FROM members WHERE id = %s", SHARED),
         CLIENTS_OF_ALL[0].run("SELECT points FROM members WHERE email = 'anybody@example.com'"))
    CLIENTS_OF_ALL[0].connection.commit()


serve(play)
