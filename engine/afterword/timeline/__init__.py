"""The timeline: what an event or the passing of time does to one subject."""
