"""`python -m maskloss`."""

import sys

from maskloss._cli import main

sys.exit(main())
