"""An engine that outlives its process: events, state and transitions in one SQLite file, committed together."""

from afterword.store.faults import StoreError
from afterword.store.position import Position
from afterword.store.sqlite import SQLiteStore

__all__ = ["Position", "SQLiteStore", "StoreError"]
