"""What holds for every test: none reads or fills the cache of whoever runs them, unless it brings its own."""

from __future__ import annotations

import os

os.environ["AFTERWORD_CACHE"] = "off"
