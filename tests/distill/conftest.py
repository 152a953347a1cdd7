"""Set before torch is first imported: threads that spin while they wait starve the tests beside these."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
