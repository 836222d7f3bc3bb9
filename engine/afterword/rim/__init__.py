"""What touches the world: files, standard streams, stores. It imports the core; the core never imports it."""
