"""`python -m maskloss`."""

import sys

from ._cli import main

sys.exit(main())
