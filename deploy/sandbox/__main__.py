"""`python -m deploy.sandbox`: a signal is heard from here on, while the rest still takes seconds to import."""

import os
import signal

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: os._exit(0))  # nothing is open yet; the sandbox takes over below

from deploy.sandbox.playground import main  # noqa: E402 - see above

main()
