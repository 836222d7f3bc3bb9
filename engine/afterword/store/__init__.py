"""An engine that outlives its process: events, state and transitions in one SQLite file, committed together."""

from afterword.store.faults import StoreError
from afterword.store.sqlite import SQLiteStore
from afterword.store.transaction import Position

__all__ = ["Position", "SQLiteStore", "StoreError"]
