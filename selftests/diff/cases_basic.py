# SPDX-License-Identifier: GPL-2.0
"""Each method, protocol and family: the first packets."""

from case import case


FAMILIES = (4, 6)


@case("a conversation", smoke=True, fam=FAMILIES, proto=("tcp", "udp"),
      method=("nat", "dr", "tun"))
def conversation(t, proto, method):
    """What goes to the server, what comes back, states and counters."""
    t.service(proto)
    t.dest(1, fwd=method)
    t.listing()
    flow = t.flow(proto)
    flow.client("S")
    t.conns()
    if method == "nat":
        flow.server("SA")
        t.conns()
    flow.client("A")
    t.conns()
    flow.client("PA", b"question")
    if method == "nat":
        flow.server("PA", b"answer")
        flow.server("FA")
        t.conns()
    flow.client("FA")
    t.conns()
    if method == "nat":
        flow.server("A")
        t.conns()
    t.listing()
    yield from t.counters()
