#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Checks of lvsadm on the kernel in user space: see fake_kernel.c.

    checks.py PROGRAM
"""
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, HERE)
# pylint: disable=wrong-import-position
import schema  # noqa: E402
import ktap  # noqa: E402
from ktap import check, equal, test  # noqa: E402

PROGRAM = os.path.abspath(sys.argv[1])
TOOLS = os.path.join(os.path.dirname(os.path.dirname(HERE)), "tools")
FOLDER = tempfile.TemporaryDirectory()
SEED = int(os.environ.get("SEED", "1"))


def path(name):
    """Return where a file of this run is."""
    return os.path.join(FOLDER.name, name)


def run(*args, program="lvsadm", text="", state="state", **env):
    """Run the program by one of its names; return the finished process."""
    link = path(program)
    if not os.path.lexists(link):
        os.symlink(PROGRAM, link)
    return subprocess.run(
        [link, *args], input=text, capture_output=True, text=True, timeout=60,
        check=False, errors="surrogateescape",
        env=dict(os.environ, FAKE_STATE=path(state), **env))


def must(*args, **kwargs):
    """Run the program, which must succeed; return its output."""
    done = run(*args, **kwargs)
    equal(done.returncode, 0, "%r: exit status (%s)" % (args, done.stderr))
    return done.stdout


def survived(done, what):
    """Fail if a sanitizer or signal ended the program."""
    check(done.returncode in (0, 1, 2, 255) and "Sanitizer" not in done.stderr
          and "runtime error" not in done.stderr,
          "%s: status %d, %s" % (what, done.returncode, done.stderr))


def fresh(state):
    """Fill a table that no other test uses."""
    must("restore", text=TABLE, state=state)


TABLE = """
service add tcp 192.0.2.1:80 scheduler wrr persistent 300 netmask 24
service add tcp 192.0.2.2:0 persistent 60 pe sip
service add udp [2001:db8::1]:53 scheduler sh flags sh-port,flag-3 ops
service add sctp 192.0.2.1:9
service add fwmark 4000000000 family inet6 scheduler mh flags mh-fallback
dest add tcp 192.0.2.1:80 server 10.0.0.1:8080 nat weight 3 upper 9 lower 5
dest add tcp 192.0.2.1:80 server 10.0.0.2
dest add tcp 192.0.2.1:80 server 10.0.0.3 tun type gue port 9 csum remote
dest add tcp 192.0.2.1:80 server 2001:db8::4 tun type gre
dest add fwmark 4000000000 family inet6 server 2001:db8::5 tun
daemon start master interface eth0 syncid 3
daemon start backup interface eth0 group 224.0.0.82 ttl 3 maxlen 1400 port 9
"""
CONNS = """Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State Expires PEName PEData
TCP C0000205 8C3B C0000201 0050 0A000001 0050 ESTABLISHED     899
TCP C0000207 0000 C0000201 0050 0A000001 0050 NONE           6000 sip a"\\\u00e4
"""


@test("every -j listing fits schema.json")
def json_schema():
    fresh("json")
    with open(path("conns"), "w", encoding="utf-8") as file:
        file.write(CONNS)
    with open(os.path.join(TOOLS, "lvsadm", "schema.json"),
              encoding="utf-8") as file:
        wanted = schema.json.load(file)
    biggest = ",".join(["18446744073709551615"] * 10)
    for words in ("show", "service show", "dest show", "stats show",
                  "config show", "daemon show", "conn show", "version",
                  "show tcp 192.0.2.1:80"):
        out = must("-j", *words.split(), FAKE_STATS=biggest, state="json",
                   FAKE_CONNS=path("conns"))
        document = schema.json.loads(out)
        schema.check(document, wanted, wanted)
        check(all(document.values()), words + " is empty")


@test("the schema check finds mistakes")
def json_schema_is_strict():
    with open(os.path.join(TOOLS, "lvsadm", "schema.json"),
              encoding="utf-8") as file:
        wanted = schema.json.load(file)
    for bad in ({}, {"services": [{}]}, {"services": 1}, {"conns": [{"a": 1}]},
                {"version": "1"}, {"lvsadm": 1}, {"services": [], "conns": []}):
        try:
            schema.check(bad, wanted, wanted)
        except schema.Mismatch:
            continue
        check(False, "%r is accepted" % bad)


@test("-j and text show the same services and servers")
def json_is_complete():
    fresh("complete")
    services = schema.json.loads(must("-j", "show", state="complete"))["services"]
    lines = must("show", state="complete").splitlines()
    equal(len(services), sum(not line.startswith(" ") for line in lines),
          "services")
    equal(sum(len(service["dests"]) for service in services),
          sum(line.startswith(" ") for line in lines), "servers")
    first = services[0]
    equal((first["address"], first["port"], first["netmask"],
           first["persistent"]), ("192.0.2.1", 80, "255.255.255.0", 300),
          "first service")
    equal(services[-1]["fwmark"], 4000000000, "mark")


def page_synopsis(index):
    """Return a block of the page between .nf and .fi as plain text."""
    with open(os.path.join(TOOLS, "man", "lvsadm.8"), encoding="utf-8") as file:
        block = file.read().split("\n.nf\n")[index + 1].split("\n.fi\n")[0]
    lines = [line.removeprefix("\\&") for line in block.splitlines()]
    return "\n".join(lines).replace("\\-", "-").replace("\\\\", "\\") + "\n"


@test("the synopsis of the page is the output of help")
def page():
    equal(page_synopsis(0), must("help"), "native grammar")
    done = subprocess.run(
        ["bash", "-c", "exec -a ipvsadm '%s' -h | tail -n +2" % PROGRAM],
        capture_output=True, text=True, check=True)
    equal(page_synopsis(1), done.stdout, "ipvsadm's grammar")


@test("bash completes words")
def bash_completion():
    script = """
. %s/completion/lvsadm
COMP_WORDS=(%s service add tcp 192.0.2.1 scheduler w) COMP_CWORD=6
_lvsadm && printf '%%s ' "${COMPREPLY[@]}"
""" % (TOOLS, PROGRAM)
    done = subprocess.run(["bash", "-c", script], capture_output=True,
                          text=True, check=True)
    equal(done.stdout, "wrr wlc ", "candidates (%s)" % done.stderr)


def rules(services):
    """Return a large table in ipvsadm's grammar."""
    lines = []
    for i in range(services):
        service = "10.1.%d.%d:80" % (i // 250, i % 250 + 1)
        lines.append("-A -t %s -s rr" % service)
        lines += ["-a -t %s -r 10.2.0.%d:80 -m -w 1" % (service, j + 1)
                  for j in range(10)]
    return "\n".join(lines) + "\n"


def counts():
    """Return what the last run did: sends, receives, requests."""
    with open(path("count"), encoding="utf-8") as file:
        return [int(word) for word in file.read().split()]


@test("requests go in batches")
def batches():
    text = rules(500)
    count = {"FAKE_COUNT": path("count"), "state": "large"}
    must("-C", **count)
    must("-R", text=text, **count)
    sends, receives, requests = counts()
    check(requests >= 5500, "%d requests" % requests)
    check(sends <= 5500 // 100 + 3, "%d sends" % sends)
    check(receives <= 5500 // 100 + 5, "%d receives" % receives)
    equal(must("-S", "-n", **count), text, "saved")
    sends, receives, requests = counts()
    check(sends <= 500 + 4, "%d sends for a listing" % sends)


@test("a batch in which every request is refused reports every line")
def all_refused():
    must("-C", state="large")
    must("-R", text=rules(300), state="large")
    for env in ({}, {"FAKE_SENTENCE": "x" * 200}):
        done = run("-R", text=rules(300), state="large", **env)
        equal(done.returncode, 255, "exit status")
        lines = done.stderr.splitlines()
        equal(len(lines), 3300, "lines")
        for number, line in enumerate(lines, 1):
            check(line.startswith("line %d: " % number), line)


@test("one socket and one look-up of the family")
def one_lookup():
    must("-C", FAKE_COUNT=path("count"))
    equal(counts()[0], 3, "sends of a command (family, info, command)")
    must("service", "flush", FAKE_COUNT=path("count"))
    equal(counts()[0], 2, "sends of a native command")


WORDS = """-A -E -D -C -a -e -d -L -l -Z -S -R -h -v -t -u -f -6 -s -p -M -r -g
-i -m -w -x -y -n -c -o -b -X --set --start-daemon --stop-daemon --stats --rate
--tun-type --tun-port --tun-csum --exact --nosort --timeout --daemon --pe --
--mcast-group --syncid --sctp-service --persistent= -p= -At -Lnc = [ ] : , . #
master backup 192.0.2.1:80 [2001:db8::1]:80 ::1 :80 [::1] [::1 rr sh wlc
sh-port flag-1,flag-2 300 0 -1 4294967295 18446744073709551616 255.255.255.0 gue
ipip 65536 service dest conn stats config daemon show save restore help version
add set del flush zero tcp udp sctp fwmark family inet inet6 scheduler
persistent netmask flags ops pe server nat dr tun type port csum weight upper
lower protocol client virtual state limit interface file on off none -j
__complete /dev/null""".split()


def random_word(rng):
    """Return a word that may mean something, or nearly."""
    word = rng.choice(WORDS)
    kind = rng.randrange(12)
    if kind == 0:
        word = word[:rng.randrange(len(word) + 1)]
    elif kind == 1:
        word += rng.choice(WORDS)
    elif kind == 2:
        word = "".join(chr(rng.randrange(1, 256)) for _ in range(rng.randrange(40)))
    elif kind == 3:
        word *= rng.choice((2, 40, 900))
    return word


@test("random words are survived")
def random_words():
    rng = random.Random(SEED)
    fresh("words")
    for _ in range(int(os.environ.get("FUZZ", "200"))):
        words = [random_word(rng) for _ in range(rng.randrange(1, 9))]
        if rng.random() < 0.5:
            words.insert(0, rng.choice("-A -a -E -e -L service dest".split()))
        survived(run(*words, state="words", program=rng.choice(
            ("lvsadm", "lvsadm", "ipvsadm"))), repr(words))


@test("random files are survived")
def random_files():
    rng = random.Random(SEED)
    fresh("files")
    for _ in range(20):
        text = "".join(" ".join(random_word(rng) for _ in range(rng.randrange(9)))
                       + rng.choice("\n\n\n\t \0\r") for _ in range(60))
        survived(run("-R", text=text, state="files"), repr(text))
        survived(run("restore", text=text, state="files"), repr(text))
        with open(path("fuzzconns"), "w", encoding="utf-8") as file:
            file.write(text)
        survived(run("conn", "show", FAKE_CONNS=path("fuzzconns")), repr(text))


@test("garbled answers of the kernel are survived")
def garbled():
    fresh("garbled")
    for seed in range(int(os.environ.get("FUZZ", "200")) // 2):
        for words in ("-Ln", "-j show", "-L --daemon", "-Sn", "stats show",
                      "service set tcp 192.0.2.1:80 ops off", "config show"):
            survived(run(*words.split(), state="garbled",
                         FAKE_GARBLE=str(seed + 1), FAKE_KEEP="1"),
                     "%s, seed %d" % (words, seed + 1))


ktap.run()
