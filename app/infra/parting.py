"""A child that ends with its parent, however the parent ends: PR_SET_PDEATHSIG of Linux (prctl(2))."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from signal import Signals

PR_SET_PDEATHSIG = 1


def die_with_parent(how: Signals) -> Callable[[], None] | None:
    """A `preexec_fn` after which the kernel sends `how` to the child when its parent ends; None off Linux.

    The parent is the *thread* that starts the child: start it from one that lives as long as the process.
    """
    if not sys.platform.startswith("linux"):
        return None
    # Looked up before the fork: between fork and exec nothing may be imported or allocated at length.
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # it ended before we asked
            os.kill(os.getpid(), how)

    return ask_kernel
