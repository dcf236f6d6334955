# SPDX-License-Identifier: GPL-2.0
"""All cases: what is imported here."""

import cases_basic     # noqa: F401
import cases_control   # noqa: F401
import cases_conns     # noqa: F401
import cases_features  # noqa: F401
import cases_knobs     # noqa: F401
import cases_packets   # noqa: F401
import cases_persist   # noqa: F401
import cases_sched     # noqa: F401
import cases_tracking  # noqa: F401
import cases_defense   # noqa: F401
import cases_spaces    # noqa: F401
import cases_stats     # noqa: F401
import cases_corners   # noqa: F401
import cases_sip       # noqa: F401
import cases_ftp       # noqa: F401
