#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run golden transcripts of lvsadm and compare.

A transcript holds commands ("$ ...") of one shell session, each followed by
what it must print, output and errors together, and by "[N]" if its exit
status is not 0. An empty line of output stands as "\\". Other lines that begin
with "#" are comments.

    golden.py PROGRAM FILE...             compare, in KTAP
    golden.py --update PROGRAM FILE...    take what it prints now for right

In the session PROGRAM is called lvsadm, ipvsadm, ipvsadm-save and
ipvsadm-restore. An empty table is kept for each file.
"""
import difflib
import os
import re
import subprocess
import sys
import tempfile

MARK = "=-=-= golden"


def read(path):
    """Return a transcript as a list of (comments, command, expected)."""
    steps, comments = [], []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("$ "):
                steps.append((comments, [line[2:]], []))
                comments = []
            elif line == ">" or line.startswith("> "):
                steps[-1][1].append(line[2:])
            elif comments or not line or line.startswith("#"):
                comments.append(line)
            else:
                steps[-1][2].append(line)
    return steps, comments


def session(program, steps, folder):
    """Return what each step prints."""
    for name in "lvsadm ipvsadm ipvsadm-save ipvsadm-restore".split():
        os.symlink(program, os.path.join(folder, name))
    env = dict(os.environ, PATH=folder + ":" + os.environ["PATH"],
               FAKE_STATE=os.path.join(folder, "state"), LC_ALL="C",
               HOME=folder, TESTS=os.path.dirname(os.path.abspath(__file__)))
    script = "".join("%s\necho \"%s $?\"\n" % ("\n".join(command), MARK)
                     for _, command, _ in steps)
    done = subprocess.run(["bash"], input=script, env=env, cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=120, check=False)
    results, lines = [], []
    for line in done.stdout.splitlines():
        end = re.fullmatch("(.*)" + MARK + r" (\d+)", line)
        if not end:
            lines.append(line or "\\")
            continue
        if end.group(1):
            lines.append(end.group(1))
        if end.group(2) != "0":
            lines.append("[%s]" % end.group(2))
        results.append(lines)
        lines = []
    while len(results) < len(steps):
        results.append(lines + ["(the session ended here)"])
        lines = []
    return results


def rendered(steps, results, rest):
    """Return the transcript with @results."""
    lines = []
    for (comments, command, _), result in zip(steps, results):
        lines += comments + ["$ " + command[0]]
        lines += [("> " + more).rstrip() for more in command[1:]] + result
    return lines + rest


def main():
    args = sys.argv[1:]
    update = args[:1] == ["--update"]
    program, paths = os.path.abspath(args[update]), args[update + 1:]
    failed = 0
    print("TAP version 13\n1..%d" % len(paths))
    for number, path in enumerate(paths, 1):
        steps, rest = read(path)
        with tempfile.TemporaryDirectory() as folder:
            results = session(program, steps, folder)
        want = rendered(steps, [step[2] for step in steps], rest)
        got = rendered(steps, results, rest)
        name = os.path.splitext(os.path.basename(path))[0].replace("_", " ")
        if update:
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(got) + "\n")
        elif want != got or not steps:
            failed += 1
            for line in difflib.unified_diff(want, got, "wanted", "got",
                                             lineterm=""):
                print("# " + line)
            print("not ok %d %s" % (number, name))
            continue
        print("ok %d %s" % (number, name))
    return 1 if failed else 0


sys.exit(main())
