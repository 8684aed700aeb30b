#!/usr/bin/env python3
"""Installs the package on a Debian that a real systemd boots, and treats the service as an administrator and fate would.

boot.py PACKAGE.deb CACHE [--root ROOT] [--bind DIRECTORY]

Prints `skipped: WHY` and ends with 0 where no container can be booted. Roots are made once, below CACHE.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import time

from machine import Machine, Skipped, debian, eventually, in_own_mounts

PLANT = """
site: {name: Works, timezone: Europe/Stockholm}
alerts: [{path: /var/log/emsd/alerts.jsonl, format: json}]
api: {socket: /run/emsd/emsd.sock, operators: [anna]}
links:
  hall: {transport: tcp, host: 127.0.0.1, port: 1502, timeout: 500ms}
meters:
  feeder: {link: hall, unit: 1, interval: 200ms, points: {power: {register: input 0, type: float32, unit: kW, kind: gauge}}}
indicators:
  power: {window: 1s, formula: mean(feeder.power), unit: kW, grace: 500ms}
objectives:
  limit: {indicator: power, max: LIMIT, severity: minor}
"""
# The same unit, but that nobody waits a minute for a watchdog.
HASTE = "[Service]\nWatchdogSec=4\nRestartSec=200ms\n"
CONFIG = "/etc/emsd/emsd.yaml"


class Service:
    def __init__(self, machine):
        self.machine = machine
        self.begun = time.monotonic()

    def say(self, what):
        print(f"{time.monotonic() - self.begun:5.1f} s  {what}", flush=True)

    def ask(self, words):
        said = self.machine.sh(f"emsctl {words} --format json")
        return json.loads(said.stdout) if said.returncode in (0, 1) and said.stdout else []

    def polls(self):
        """Whether a reading came in after this was asked."""
        now = time.time()
        def fresh():
            rows = self.ask("points")
            return rows and rows[0]["quality"] == "good" and iso(rows[0]["time"]) > now
        eventually("a fresh reading", fresh)

    def pid(self):
        return int(self.machine.show("MainPID"))

    def started_anew(self, before, restarts):
        eventually("the service again", lambda: self.pid() not in (0, before) and self.machine.show("ActiveState") == "active")
        if int(self.machine.show("NRestarts")) != restarts:
            raise SystemExit(f"it was restarted {self.machine.show('NRestarts')} times, not {restarts}")
        self.polls()

    def configure(self, limit):
        self.machine.write(CONFIG, PLANT.replace("LIMIT", limit))

    def limits(self):
        return {row["limit"] for row in self.ask("objectives limit --since -3s")}


def iso(text):
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def expect(what, condition):
    if not condition:
        raise SystemExit(f"not so: {what}")


def installed(machine, service):
    machine.do("dpkg -i /emsd.deb")
    expect("the user is there", "emsd" in machine.do("id emsd"))
    expect("the configuration is its group's", machine.do(f"stat -c '%U:%G %a' {CONFIG}").strip() == "root:emsd 640")
    expect("it waits for its configuration", machine.show("ActiveState") == "inactive")
    machine.do("useradd --groups emsd --create-home anna")
    machine.do("man=$(dpkg -L emsd | grep -c /man/); test $man -ge 4")
    service.configure("60")
    machine.do(f"emsd check --config {CONFIG}")
    machine.write("/etc/scenario.yaml", "signals: {feeder.power: 50}\n")
    machine.do(f"systemd-run --unit emsim emsim --config {CONFIG} --scenario /etc/scenario.yaml")
    os.makedirs(f"{machine.root}/etc/systemd/system/emsd.service.d", exist_ok=True)
    machine.write("/etc/systemd/system/emsd.service.d/haste.conf", HASTE)
    machine.do("systemctl daemon-reload")
    service.say("installed")


def running(machine, service):
    machine.do("systemctl enable --now emsd")
    service.polls()
    expect("without a key nothing is signed", "audit init" in machine.do("emsctl audit head", code=65))
    machine.do("emsctl audit init --name plant.example/emsd")
    expect("the key is root's alone", machine.do("stat -c '%U %a' /etc/emsd/audit.key").strip() == "root 400")
    machine.do("systemctl restart emsd")
    service.polls()
    status = machine.do("systemctl status emsd --no-pager")
    expect(f"the status helps: {status}", re.search(r'Status: "Polling 1 meters on 1 links, 0 links down', status))
    head = machine.do("emsctl audit head")
    expect("the key came by LoadCredential", "— plant.example/emsd " in head)
    expect("it is nobody's environment", "PRIVATE" not in machine.do(f"tr '\\0' '\\n' < /proc/{service.pid()}/environ"))
    exposure = machine.do("systemd-analyze security emsd.service --no-pager")
    level = float(re.search(r"Overall exposure level for emsd.service: ([0-9.]+)", exposure)[1])
    # What is left: network and sockets (0.9), serial lines (0.3), callers' login names (0.4), a list of all single hosts (0.1), and
    # readings that survive a kill in /dev/shm (0.1).
    expect(f"exposure {level} is 1.5 at most", level <= 1.5)
    service.say(f"started, polls; exposure {level}")


def reloaded(machine, service):
    eventually("judged by 60", lambda: service.limits() == {60})
    service.configure("40")
    machine.do("systemctl reload emsd")
    eventually("judged by 40", lambda: 40 in service.limits())
    eventually("the nonconformity in the alert file",
               lambda: "nonconformity_raised" in machine.sh("cat /var/log/emsd/alerts.jsonl").stdout)
    service.configure("nothing")
    before = service.pid()
    failed = machine.sh("systemctl reload emsd")
    expect("a broken configuration fails the reload", failed.returncode != 0)
    expect("it says where", "emsd.yaml:" in machine.sh("journalctl -u emsd --no-pager").stdout)
    expect("it runs on", service.pid() == before and machine.show("ActiveState") == "active")
    service.polls()
    expect("by the old limit", 40 in service.limits())
    service.configure("60")
    service.say("reloaded, good and broken")


def killed(machine, service):
    before = service.pid()
    machine.do(f"kill -9 {before}")
    service.started_anew(before, 1)
    service.say("killed, and there again")
    before = service.pid()
    machine.do(f"kill -STOP {before}")
    service.started_anew(before, 2)
    expect("the watchdog did it", "Watchdog timeout" in machine.sh("journalctl -u emsd --no-pager").stdout)
    service.say("stopped by SIGSTOP, and there again by the watchdog")


def backed_up(machine, service):
    """To a disk that was mounted after the start: the service writes nowhere but in its own places, so it only sends."""
    machine.do("mkdir -p /mnt/backup /mnt/small && mount -t tmpfs -o size=64m,mode=0755 disk /mnt/backup "
               "&& mount -t tmpfs -o size=16k small /mnt/small")
    machine.do("install -d -o anna -m 0750 /mnt/backup/anna")
    for who, place in (("root", "/mnt/backup/root"), ("anna", "/mnt/backup/anna/today")):
        before = len(machine.do("emsctl journal --format csv").splitlines())
        machine.do(f"runuser -u {who} -- emsctl backup {place}")
        expect("the copy is its maker's alone", machine.do(f"stat -c '%U %a' {place}/emsd.db").strip() == f"{who} 600")
        lines = machine.do(f"runuser -u {who} -- emsctl --database {place} journal --format csv")
        expect("with all that there was", len(lines.splitlines()) >= before)
        # A record without a key is proven as far as it goes: what differs would be another status.
        machine.do(f"runuser -u {who} -- emsctl --database {place} audit verify")
    machine.do("mount -o remount,ro /mnt/backup && emsctl --database /mnt/backup/root status --format json || [ $? = 1 ]")
    for place in ("/mnt/small/copy", "/mnt/backup/again"):
        failed = machine.sh(f"emsctl backup {place}")
        expect(f"a disk that takes nothing is said: {failed}", failed.returncode in (73, 74) and failed.stderr.count("\n") == 1)
        expect("no half copy stays", not machine.sh(f"find {place} -type f").stdout)
    service.polls()
    machine.do("umount /mnt/backup /mnt/small")
    service.say("backed up to a mounted disk; a full one and a read-only one were said")


def stopped(machine, service):
    began = time.monotonic()
    machine.do("systemctl stop emsd")
    took = time.monotonic() - began
    expect("it ends in order", machine.show("Result") == "success" and machine.show("ExecMainStatus") == "0")
    machine.do("emsctl --database /var/lib/emsd audit verify")
    service.say(f"stopped in {took:.1f} s; the record holds")


def rebooted(machine, service, options):
    machine.do("systemctl stop emsim")
    lines = len(machine.do("emsctl --database /var/lib/emsd journal --format csv").splitlines())
    machine.power_off()
    machine.boot(*options)
    machine.do(f"systemd-run --unit emsim emsim --config {CONFIG} --scenario /etc/scenario.yaml")
    eventually("the service after a reboot", lambda: machine.show("ActiveState") == "active")
    service.polls()
    expect("with its record", len(machine.do("emsctl journal --format csv").splitlines()) > lines)
    service.say("rebooted")


def upgraded(machine, service, package):
    place = tempfile.mkdtemp()
    subprocess.run(["dpkg-deb", "-R", package, f"{place}/new"], check=True)
    with open(f"{place}/new/DEBIAN/control") as file:
        control = re.sub(r"^(Version: .*)$", r"\1+next", file.read(), flags=re.M)
    with open(f"{place}/new/DEBIAN/control", "w") as file:
        file.write(control)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", f"{place}/new", f"{machine.root}/next.deb"], check=True,
                   stdout=subprocess.DEVNULL)
    shutil.rmtree(place)
    before, text = service.pid(), machine.do(f"cat {CONFIG}")
    machine.do("dpkg -i /next.deb")
    eventually("the new version runs", lambda: service.pid() not in (0, before) and machine.show("ActiveState") == "active")
    expect("the configuration is kept", machine.do(f"cat {CONFIG}") == text)
    service.polls()
    service.say("upgraded")


def removed(machine, service):
    machine.do("dpkg -r emsd")
    expect("nothing runs", machine.sh("pgrep -x emsd").stdout == "")
    expect("configuration, key and record stay", all(
        os.path.exists(machine.root + path) for path in (CONFIG, "/etc/emsd/audit.key", "/var/lib/emsd/emsd.db")))
    expect("the programs are gone", not os.path.exists(f"{machine.root}/usr/bin/emsctl"))
    said = machine.do("dpkg -P emsd")
    expect("the record is named", "/var/lib/emsd" in said and os.path.exists(f"{machine.root}/var/lib/emsd/emsd.db"))
    expect("the configuration is gone", not os.path.exists(machine.root + CONFIG))
    expect("the logs are gone", not os.path.exists(f"{machine.root}/var/log/emsd"))
    service.say("removed and purged")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("package")
    parser.add_argument("cache")
    parser.add_argument("--root", help="a root that is there already")
    parser.add_argument("--bind", action="append", default=[], help="a directory of this machine that the programs need")
    options = parser.parse_args()
    machine = place = None
    try:
        in_own_mounts()
        root = options.root or debian(os.path.abspath(options.cache), options.package)
        place = tempfile.mkdtemp(prefix="emsd-systemd.")
        machine = Machine(root, place)
        binds = [f"--bind-ro={path}" for path in options.bind]
        shutil.copy(options.package, f"{machine.root}/emsd.deb")
        machine.boot(*binds)
        service = Service(machine)
        service.say("booted")
        installed(machine, service)
        running(machine, service)
        reloaded(machine, service)
        killed(machine, service)
        backed_up(machine, service)
        stopped(machine, service)
        rebooted(machine, service, binds)
        upgraded(machine, service, options.package)
        removed(machine, service)
        print("ok")
    except Skipped as why:
        print(f"skipped: {why}")
    finally:
        if machine:
            machine.end()
        if place:
            shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
