"""How much a rule, mapping or test file may hold (S29), for every module that opens one."""

from __future__ import annotations

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_NODES = 70_000
MAX_TEXT = 50_000
MAX_FILES = 200
MAX_FOLDER_BYTES = 4 * MAX_BYTES
