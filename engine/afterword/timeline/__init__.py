"""The temporal heart, sans-IO: what an event or the passing of time does to one subject."""
