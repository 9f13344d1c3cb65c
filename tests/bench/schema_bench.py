#!/usr/bin/env python3
"""Measures the schema service beside Skeema and Alembic: the same 500 tables, the same server, round by round.

tests/bench/run makes databases and files and calls it, with the Python that has Alembic. What is compared: the time
until a tool has said how the database differs from a declared schema in which three tables have changed.
  Bonnie   the `bonnie` command against a service that has just started: nothing is cached
  Skeema   `skeema diff`
  Alembic  compare_metadata in this process: neither its start nor building the metadata counts
"""

import argparse
import json
import os
import re
import socket
import subprocess
import threading
import time

import alembic.autogenerate
import alembic.migration
import sqlalchemy


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, help="folder with bonnie and bonnie-schema")
    parser.add_argument("--work", required=True, help="folder with shop-schema.textproto, shop-client.textproto, shop/, skeema/")
    parser.add_argument("--password", required=True, help="file: root's password")
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--json", required=True, help="the rows go there")
    parser.add_argument("--filter", default="")
    return parser.parse_args()


class Service:
    """A schema service of its own, with nothing cached."""

    def __init__(self, flags, config):
        self.flags, self.config = flags, config

    def __enter__(self):
        self.log = open(os.path.join(self.flags.work, "shop-schema.out"), "ab")
        self.process = subprocess.Popen([os.path.join(self.flags.bin, "bonnie-schema"), "--config", self.config],
                                        stdout=self.log, stderr=self.log)
        port = int(re.search(r'address: "127.0.0.1:(\d+)"', open(self.config).read()).group(1))
        end = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return self
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise RuntimeError("bonnie-schema does not listen: see shop-schema.out")
                time.sleep(0.02)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()


def run(command, cwd, wanted):
    """Runs a command; the exit code has to be one of `wanted`. Answers its output and the seconds it took."""
    begin = time.monotonic()
    done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    took = time.monotonic() - begin
    if done.returncode not in wanted:
        raise RuntimeError(f"{command}: exit code {done.returncode}: {done.stdout[-500:]}{done.stderr[-1000:]}")
    return done.stdout, took


def bonnie(flags, *arguments, wanted=(0,)):
    command = [os.path.join(flags.bin, "bonnie"), "--config", os.path.join(flags.work, "shop-client.textproto"),
               "--timeout", "300s", "schema", *arguments]
    return run(command, os.path.join(flags.work, "shop"), wanted)


def must(output, *parts):
    for part in parts:
        if part not in output:
            raise RuntimeError(f"'{part}' is not in: {output[-1000:]}")


def bonnie_cold(flags, config, *arguments):
    with Service(flags, config):
        out, took = bonnie(flags, *arguments, wanted=(1,))
    must(out, "added", "t123", "by_flag")
    return took


def skeema(flags):
    out, took = run(["skeema", "diff", "bench", "--skip-lint"], os.path.join(flags.work, "skeema"), (1,))
    must(out, "ADD COLUMN `added`", "`t123`", "`t321`")
    return took


class Alembic:
    def __init__(self, flags):
        url = sqlalchemy.URL.create("mysql+pymysql", "root", open(flags.password).read().strip(), database="shop",
                                    query={"unix_socket": os.path.join(flags.work, "database", "mysql.sock")})
        self.engine = sqlalchemy.create_engine(url)
        self.metadata = sqlalchemy.MetaData()
        self.metadata.reflect(self.engine)
        tables = self.metadata.tables
        tables["t7"].append_column(sqlalchemy.Column("added", sqlalchemy.Integer))
        tables["t123"].c.name.type = sqlalchemy.String(80)
        sqlalchemy.Index("by_flag", tables["t321"].c.flag)

    def compare(self):
        with self.engine.connect() as connection:
            begin = time.monotonic()
            context = alembic.migration.MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True})
            found = alembic.autogenerate.compare_metadata(context, self.metadata)
            took = time.monotonic() - begin
        must(repr(found), "added", "t123", "by_flag")
        return took


class CountingProxy:
    """Passes bytes on and counts round trips: the turns from what a server said to what its client says next."""

    def __init__(self, port):
        self.port, self.round_trips, self.lock = port, 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    def address_port(self):
        return self.listener.getsockname()[1]

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", self.port))
            turn = {"clients": False}
            threading.Thread(target=self.copy, args=(client, server, turn, True), daemon=True).start()
            threading.Thread(target=self.copy, args=(server, client, turn, False), daemon=True).start()

    def copy(self, source, target, turn, from_client):
        try:
            while data := source.recv(1 << 16):
                with self.lock:
                    if from_client and not turn["clients"]:
                        self.round_trips += 1
                    turn["clients"] = from_client
                target.sendall(data)
        except OSError:
            pass
        for one in (source, target):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def round_trips(flags, config):
    """Of one InspectSchema, connecting and logging in included."""
    text = open(config).read()
    port = int(re.search(r"\bport: (\d+)", text).group(1))
    proxy = CountingProxy(port)
    counted = os.path.join(flags.work, "shop-counted.textproto")
    with open(counted, "w") as file:
        file.write(re.sub(r"(\bport: )\d+", rf"\g<1>{proxy.address_port()}", text, count=1))
    with Service(flags, counted):
        bonnie(flags, "inspect", "t1")  # what the service does once is done
        counts = []
        for _ in range(5):
            time.sleep(0.3)  # the service's own health checks are seconds apart: the smallest count has none
            before = proxy.round_trips
            out, _ = bonnie(flags, "inspect")
            counts.append(proxy.round_trips - before)
    must(out, "`t499`")
    return min(counts)


def median(values):
    return sorted(values)[len(values) // 2]


class Rows:
    def __init__(self, pattern):
        self.pattern, self.rows = pattern, []

    def add(self, name, value, unit, target="", met=True):
        if re.search(self.pattern, name):
            self.rows.append({"row": name, "value": value, "unit": unit, "target": target, "met": met})

    def at_least(self, name, value, target):
        self.add(name, value, "ratio", f">= {target}", value >= target)

    def at_most(self, name, value, target, unit):
        self.add(name, value, unit, f"<= {target}", value <= target)

    def print(self):
        print(f"{'row':<26} {'value':>10}  {'unit':<8} {'target':<10} met")
        for row in self.rows:
            met = "" if not row["target"] else "yes" if row["met"] else "NO"
            print(f"{row['row']:<26} {row['value']:>10.2f}  {row['unit']:<8} {row['target']:<10} {met}".rstrip())


def main():
    flags = parse()
    config = os.path.join(flags.work, "shop-schema.textproto")
    other = Alembic(flags)
    times = {}
    for number in range(1, flags.rounds + 1):
        print(f"round {number} of {flags.rounds}", flush=True)
        for name, measure in [("diff", lambda: bonnie_cold(flags, config, "diff", "live", "model")),
                              ("skeema", lambda: skeema(flags)),
                              ("diff_sql", lambda: bonnie_cold(flags, config, "diff", "live", "model", "--sql")),
                              ("alembic", other.compare)]:
            times.setdefault(name, []).append(measure())
    with Service(flags, config):
        for _ in range(flags.rounds):
            times.setdefault("inspect", []).append(bonnie(flags, "inspect")[1])
            times.setdefault("warm", []).append(bonnie(flags, "diff", "live", "model", wanted=(1,))[1])
            times.setdefault("autogenerate", []).append(
                bonnie(flags, "revision", "--autogenerate", "-m", "three changes", "--rev-id", "0002")[1])
            os.remove(os.path.join(flags.work, "shop/migrations/versions/0002_three_changes.sql"))
            bonnie(flags, "hash")
    rows = Rows(flags.filter)
    rows.at_most("schema.round_trips", round_trips(flags, config), 20, "count")
    rows.at_least("schema.vs_skeema", median([a / b for a, b in zip(times["skeema"], times["diff_sql"])]), 5)
    rows.at_least("schema.vs_alembic", median([a / b for a, b in zip(times["alembic"], times["diff"])]), 3)
    for name in ("diff", "diff_sql", "warm", "inspect", "autogenerate", "skeema", "alembic"):
        rows.add(f"schema.{name}_ms", 1000 * median(times[name]), "ms")
    rows.print()
    with open(flags.json, "w") as file:
        json.dump(rows.rows, file, indent=2)


main()
