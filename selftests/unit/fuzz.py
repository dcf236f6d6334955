#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run the fuzz targets for a bounded time, one after the other.

usage: fuzz.py [--time SECONDS] [--keep] PROGRAM...

Each starts from the inputs that the program writes itself and from those in
corpus/NAME.hex, one a line. With --keep, those that reach what the others do not
are put there. Prints for each target what was run and reached; fails, and prints
the input, if one made it fail.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
MAX_LEN = {"packet": 300, "pool": 128, "conn": 256, "ftp": 128, "sip": 400}


def unpack(name, folder):
    kept = HERE / "corpus" / f"{name}.hex"
    if kept.exists():
        for number, line in enumerate(kept.read_text().split()):
            (folder / f"kept{number:03}").write_bytes(bytes.fromhex(line))


def pack(program, name, folder, max_len):
    with tempfile.TemporaryDirectory() as small:
        subprocess.run([program, "-merge=1", "-use_counters=0", f"-max_len={max_len}", small, folder], check=True,
                       stderr=subprocess.DEVNULL)
        lines = sorted(path.read_bytes().hex() for path in pathlib.Path(small).iterdir())
    (HERE / "corpus").mkdir(exist_ok=True)
    (HERE / "corpus" / f"{name}.hex").write_text("".join(line + "\n" for line in lines if line))
    return len(lines)


def number(pattern, text):
    found = re.findall(pattern, text)
    return int(found[-1]) if found else 0


def run(program, seconds, keep):
    program = pathlib.Path(program).resolve()
    name = program.name
    max_len = MAX_LEN[name]
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work) / "corpus"
        folder.mkdir()
        subprocess.run([program], env=os.environ | {"FUZZ_SEEDS": str(folder)}, check=True)
        unpack(name, folder)
        started = len(list(folder.iterdir()))
        done = subprocess.run([program, f"-max_total_time={seconds}", f"-max_len={max_len}", "-timeout=10",
                               "-rss_limit_mb=1024", "-print_final_stats=1", "-artifact_prefix=" + work + "/", folder],
                              stderr=subprocess.PIPE, text=True, errors="replace", check=False)
        log = done.stderr
        total = number(r"Loaded \d+ modules \s*\((\d+) inline", log)
        covered = number(r" cov: (\d+)", log)
        executions = number(r"number_of_executed_units: (\d+)", log)
        print(f"# {name}: {executions} executions in {seconds} s, {covered} edges of {total} covered, "
              f"{len(list(folder.iterdir()))} distinct inputs ({started} at the start)")
        if done.returncode:
            print("\n".join("# " + line for line in log.splitlines()[-40:]))
            for path in pathlib.Path(work).glob("*-*"):
                print(f"# {path.name}: {path.read_bytes().hex()}")
        elif keep:
            print(f"# {name}: kept {pack(program, name, folder, max_len)} inputs")
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--time", type=int, default=60)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("programs", nargs="+")
    args = parser.parse_args()
    good = True
    for count, program in enumerate(args.programs, 1):
        passed = run(program, max(1, args.time // len(args.programs)), args.keep)
        good = good and passed
        print(f"{'ok' if passed else 'not ok'} {count} - fuzz {pathlib.Path(program).name}", flush=True)
    return 0 if good else 1


sys.exit(main())
