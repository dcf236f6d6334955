# SPDX-License-Identifier: GPL-2.0
"""Were the same things seen on both modules?"""

import frames


def same(a, b):
    """Equality, but for numbers that say how far they may be off; times also
    by as much as one of the modules had to wait longer for its turn."""
    if isinstance(a, dict) and isinstance(b, dict) and "about" in a and \
            "about" in b:
        return abs(a["about"] - b["about"]) <= max(a["off"], b["off"]) + abs(
            a.get("at", 0) - b.get("at", 0))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    return a == b


def runs(records):
    """[(entry or None, [records])]: a declared block is one."""
    out = []
    for record in records:
        if record.block and out and out[-1][1][-1].block == record.block:
            out[-1][1].append(record)
        else:
            out.append((record.about, [record]))
    return out


def _values(part):
    return [[r.label, r.value] for r in part]


def first_difference(stock, lvs):
    """None, or in words where two runs of a case part."""
    left, right = runs(stock), runs(lvs)
    for number, ((about, a), (_, b)) in enumerate(zip(left, right)):
        equal = same(_values(a), _values(b))
        if about and equal:
            return "no difference any more: \"%s\" at: %s" % (
                about, a[0].label)
        if not about and not equal:
            return explain(a[0], b[0], [r[1][0] for r in left[:number]])
    if len(left) != len(right):
        return "%d records on ip_vs, %d on lvs; the next: %s" % (
            len(left), len(right),
            (left + right)[min(len(left), len(right))][1][0].label)
    return None


def explain(stock, lvs, before):
    out = ["before: " + r.label for r in before[-6:]]
    out.append("at: " + stock.label)
    if stock.label != lvs.label:
        out.append("  on lvs at: " + lvs.label)
    for a, b in parts(stock.value, lvs.value):
        out += ["  ip_vs: " + line for line in show(a)]
        out += ["  lvs:   " + line for line in show(b)]
    return "\n".join(out)


def parts(a, b):
    """[(of ip_vs, of lvs)]: only what differs of two lists of one length."""
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b) > 1:
        return [pair for x, y in zip(a, b) if not same(x, y)
                for pair in parts(x, y)]
    return [(a, b)]


def show(value):
    """A value in lines for people."""
    if isinstance(value, str) and value[:2] in ("c ", "s "):
        return frames.describe(value).split("\n")
    if isinstance(value, list) and value:
        return [line for v in value for line in show(v)]
    return str(value).split("\n")
